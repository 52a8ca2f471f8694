/**
 * An evaluator's host for tests: the machine's own files, no store. Store paths are computed, never written, as C++
 * Nix does with `--readonly-mode`.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { type ByteString, byteStringFromBytes, bytesFromByteString, CopseError } from "#base";
import {
  createHasher,
  type Derivation,
  dumpNar,
  type Hash,
  hashBytes,
  hashesEqual,
  makeFixedOutputPath,
  makeTextPath,
  type NarEntry,
  type NarTree,
  type StorePath,
} from "#format";
import type { AddPathRequest, EvalHost, FileKind } from "../../host.ts";

export interface ReadOnlyHost extends EvalHost {
  /** What `trace` and warnings said, in order. */
  readonly messages: readonly { readonly level: "trace" | "warning" | "note"; readonly text: ByteString }[];
  readonly derivations: ReadonlyMap<StorePath, Derivation>;
}

export function createReadOnlyHost(searchPath: EvalHost["searchPath"] = []): ReadOnlyHost {
  const messages: { level: "trace" | "warning" | "note"; text: ByteString }[] = [];
  const derivations = new Map<StorePath, Derivation>();
  return {
    currentSystem: "x86_64-linux",
    storeDir: "/nix/store",
    home: "/homeless",
    searchPath,
    messages,
    derivations,
    readFile: (path) => orNotFound(path, () => readFileSync(bytesFromByteString(path))),
    readDirectory: (path) =>
      orNotFound(path, () => {
        const entries = readdirSync(bytesFromByteString(path), { encoding: "buffer" });
        const names = entries.map((entry) => byteStringFromBytes(entry));
        return new Map(names.map((name) => [name, kindOf(`${path}/${name}`) ?? "unknown"]));
      }),
    fileKind: kindOf,
    readLink: (path) => byteStringFromBytes(readlinkSync(bytesFromByteString(path), { encoding: "buffer" })),
    getEnv: (name) => (name === "COPSE_TEST" ? "set" : ""),
    currentTime: () => 1_700_000_000,
    addPath,
    addText: ({ name, contents, references }) =>
      makeTextPath({ name, hash: hashBytes("sha256", contents), references }),
    addDerivation: (path, derivation) => void derivations.set(path, derivation),
    readDerivation: (path) => derivations.get(path) ?? absent(path),
    realise: ([first]) => absent(first?.kind === "output" ? first.drvPath : (first?.path ?? "")),
    outputPath: absent,
    isValidPath: () => false,
    closure: (path) => closureOf(path, derivations),
    fetch: ({ args }) => absent(String(args["url"])),
    message: (level, text) => void messages.push({ level, text }),
  };
}

function absent(path: string): never {
  throw new CopseError("not-available", `Not available in a test: \`${path}\``);
}

function closureOf(path: StorePath, derivations: ReadonlyMap<StorePath, Derivation>): StorePath[] {
  const found = new Set<StorePath>([path]);
  for (const item of found) {
    const derivation = derivations.get(item);
    for (const next of [...(derivation?.inputDrvs.keys() ?? []), ...(derivation?.inputSrcs ?? [])])
      found.add(next);
  }
  return [...found];
}

function orNotFound<T>(path: ByteString, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new CopseError("file-not-found", `File not found: \`${path}\``);
    if (code === "ENOTDIR") throw new CopseError("not-a-directory", `Not a directory: \`${path}\``);
    if (code === "EISDIR") throw new CopseError("not-a-file", `Not a file: \`${path}\``);
    throw error;
  }
}

function statOf(path: ByteString): Stats | undefined {
  try {
    return lstatSync(bytesFromByteString(path));
  } catch {
    return undefined;
  }
}

function kindOf(path: ByteString): FileKind | undefined {
  const stat = statOf(path);
  if (!stat) return undefined;
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  return stat.isFile() ? "regular" : "unknown";
}

function addPath({ path, name, method, filter, expectedHash }: AddPathRequest): StorePath {
  const hash =
    method === "flat"
      ? hashBytes(
          "sha256",
          orNotFound(path, () => readFileSync(path)),
        )
      : hashTree(path, filter);
  if (expectedHash && !hashesEqual(hash, expectedHash)) {
    throw new CopseError(
      "hash-mismatch",
      `store path mismatch in (possibly filtered) path added from '${path}'`,
    );
  }
  return makeFixedOutputPath({ name, method, hash });
}

function hashTree(path: ByteString, filter: AddPathRequest["filter"]): Hash {
  const hasher = createHasher("sha256");
  dumpNar(treeAt(path, filter), (chunk) => hasher.update(chunk));
  return hasher.digest();
}

function treeAt(path: ByteString, filter: AddPathRequest["filter"]): NarTree {
  const stat = statOf(path);
  if (!stat) throw new CopseError("file-not-found", `File not found: \`${path}\``);
  if (stat.isSymbolicLink()) return { kind: "symlink", target: readlinkSync(path, { encoding: "latin1" }) };
  if (!stat.isDirectory()) {
    const bytes = readFileSync(path);
    return {
      kind: "file",
      executable: (stat.mode & 0o100) !== 0,
      sizeBytes: bytes.length,
      contents: () => [bytes],
    };
  }
  const names = readdirSync(path, { encoding: "latin1" }).sort();
  const kept = names.filter(
    (entry) => filter?.(`${path}/${entry}`, kindOf(`${path}/${entry}`) ?? "unknown") ?? true,
  );
  return {
    kind: "directory",
    entries: () => kept.map((entry): NarEntry => [entry, treeAt(`${path}/${entry}`, filter)]),
  };
}
