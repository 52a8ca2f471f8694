/**
 * `exportReferencesGraph`: what a path needs, written for the builder to read. Without structured attributes it is a
 * text, for each path of the closure, in order:
 *
 *     /nix/store/…-a       the path
 *                          its deriver: never told, as it does not follow from the path
 *     1                    how many references
 *     /nix/store/…-b       these
 *
 * With structured attributes it is a list of objects in `.attrs.json`, which says more.
 */
import { type ByteString, CopseError } from "#base";
import { formatPrefixedHash, type Json, type StorePath } from "#format";
import type { PathInfo, Store } from "#store";

export interface GraphRequest {
  readonly store: Store;
  readonly roots: readonly StorePath[];
  /** What the derivation may see. */
  readonly inputs: ReadonlySet<StorePath>;
}

export function referencesGraphText(request: GraphRequest): ByteString {
  return pathsOfGraph(request)
    .map((path) => {
      const { references } = infoOf(request.store, path);
      return [path, "", references.length, ...references, ""].join("\n");
    })
    .join("");
}

export function referencesGraphJson(request: GraphRequest): Json {
  return pathsOfGraph(request).map((path) => {
    const info = infoOf(request.store, path);
    const closure = request.store.closure([path]).map((member) => infoOf(request.store, member).narSize);
    const members: [string, Json][] = [
      ["path", path],
      ["narHash", formatPrefixedHash(info.narHash, "nix32")],
      ["narSize", BigInt(info.narSize)],
      ["closureSize", BigInt(closure.reduce((sum, size) => sum + size, 0))],
      ["references", [...info.references]],
      ["valid", true],
    ];
    if (info.ca !== undefined) members.push(["ca", info.ca]);
    return new Map(members);
  });
}

/** The closure, and of derivations in it the outputs with theirs. Sorted. */
function pathsOfGraph({ store, roots, inputs }: GraphRequest): StorePath[] {
  for (const root of roots) {
    if (inputs.has(root)) continue;
    throw new CopseError(
      "graph-not-input",
      `cannot export references of path '${root}' because it is not in the input closure of the derivation`,
    );
  }
  const paths = store.closure(roots);
  const outputs = paths
    .filter((path) => path.endsWith(".drv"))
    .flatMap((path) => [...store.readDerivation(path).outputs.values()])
    .map(({ path }) => path)
    .filter((path): path is StorePath => path !== "");
  return [...new Set([...paths, ...store.closure(outputs)])].sort();
}

function infoOf(store: Store, path: StorePath): PathInfo {
  const info = store.queryInfo(path);
  if (info) return info;
  throw new CopseError("path-invalid", `path '${path}' is not valid`);
}
