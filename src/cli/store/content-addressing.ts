/**
 * Paths under names that follow from their contents. What was built has a name that follows from how it was built, so
 * somebody must vouch for it; a copy whose name follows from its contents vouches for itself.
 */
import {
  createHasher,
  type DigestRewrites,
  formatPrefixedHash,
  hashModulo,
  makeFixedOutputPath,
  rewriteDigests,
  type StorePath,
  storePathHash,
  storePathName,
} from "#format";
import type { PathInfo, Store } from "#store";
import { closureOf, infoOf } from "./store-queries.ts";

/** All that the paths need gets such a copy. From each path of the closure to its own. */
export async function makeContentAddressed(
  store: Store,
  paths: readonly StorePath[],
  signal: AbortSignal,
): Promise<Map<StorePath, StorePath>> {
  const copies = new Map<StorePath, StorePath>();
  for (const path of closureOf(store, paths)) {
    copies.set(path, await copyOf(store, infoOf(store, path), { copies, signal }));
  }
  return copies;
}

interface Copying {
  /** Of everything that the path refers to: dependencies come first. */
  readonly copies: ReadonlyMap<StorePath, StorePath>;
  readonly signal: AbortSignal;
}

async function copyOf(store: Store, info: PathInfo, { copies, signal }: Copying): Promise<StorePath> {
  const { path } = info;
  const others = info.references.filter((reference) => reference !== path);
  const references = others.map((reference) => copies.get(reference) ?? reference).sort();
  const self = info.references.includes(path);
  const moved: DigestRewrites = new Map(
    others.flatMap((each) => (copies.get(each) === each ? [] : [[each, copies.get(each) ?? each]])),
  );
  const contents = () => rewriteDigests(store.dumpNar(path, signal), moved);
  const digest = storePathHash(path);
  const hash = await hashModulo(contents(), digest);
  const copy = makeFixedOutputPath({ name: storePathName(path), method: "nar", hash, references, self });
  const rewritten = () => rewriteDigests(contents(), new Map([[digest, storePathHash(copy)]]));
  const hasher = createHasher("sha256");
  for await (const chunk of rewritten()) hasher.update(chunk);
  await store.importNar(
    {
      path: copy,
      narHash: hasher.digest(),
      narSize: info.narSize,
      references: self ? [...references, copy].sort() : references,
      registrationTime: 0,
      ca: `fixed:r:${formatPrefixedHash(hash, "nix32")}`,
      ultimate: false,
    },
    rewritten(),
    signal,
  );
  return copy;
}
