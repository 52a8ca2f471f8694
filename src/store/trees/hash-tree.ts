/** Hash, size and references of a tree: all three from one pass over its NAR, so that each file is read once. */
import { createHash } from "node:crypto";
import type { ByteString } from "#base";
import { type Hash, type StorePath, storePathHash } from "#format";
import { dumpTree, type TreeFilter } from "./dump-tree.ts";
import { ReferenceScanner } from "./reference-scanner.ts";

export interface HashedTree {
  /** SHA-256 of the NAR. */
  readonly narHash: Hash;
  readonly narSize: number;
  /** Those of the candidates that occur in it, sorted. */
  readonly references: readonly StorePath[];
}

export interface ScannedTree {
  readonly digest: Uint8Array;
  readonly narSize: number;
  readonly found: readonly string[];
}

/** Blocks: for small trees, and for the evaluator. `TreeWorkers` does the same beside the main thread. */
export function hashTreeSync(path: ByteString, candidates: Iterable<StorePath> = []): HashedTree {
  const byDigest = candidatesByDigest(candidates);
  return describeTree(scanTree(path, byDigest.keys()), byDigest);
}

/** Copies a tree, and hashes what was copied, in one pass. Blocks. Nothing may be at `target` yet. */
export function copyAndHashTree(
  source: ByteString,
  target: ByteString,
  filter: TreeFilter | undefined,
): HashedTree {
  return describeTree(scanTree(source, [], { filter, copyTo: target }), new Map());
}

/** Where the bytes go to be hashed: into a hash here, or to another thread (hash-thread.ts). */
export interface ChunkHash {
  readonly nextBuffer?: (() => Buffer) | undefined;
  update(chunk: Buffer): void;
  digest(): Uint8Array;
}

/** The same in terms that can be sent between threads. */
export function scanTree(
  path: ByteString,
  digests: Iterable<string>,
  options: {
    readonly hash?: ChunkHash | undefined;
    readonly filter?: TreeFilter | undefined;
    readonly copyTo?: ByteString | undefined;
  } = {},
): ScannedTree {
  const { hash = createHash("sha256") as ChunkHash, filter, copyTo } = options;
  const scanner = new ReferenceScanner(digests);
  let narSize = 0;
  for (const chunk of dumpTree(path, { nextBuffer: hash.nextBuffer, filter, copyTo })) {
    // First, so that another thread can hash while this one searches.
    hash.update(chunk);
    scanner.update(chunk);
    narSize += chunk.length;
  }
  return { digest: hash.digest(), narSize, found: [...scanner.found] };
}

export function candidatesByDigest(candidates: Iterable<StorePath>): Map<string, StorePath> {
  return new Map(Array.from(candidates, (path) => [storePathHash(path), path]));
}

export function describeTree(tree: ScannedTree, byDigest: ReadonlyMap<string, StorePath>): HashedTree {
  return {
    narHash: { algorithm: "sha256", digest: tree.digest },
    narSize: tree.narSize,
    references: tree.found.map((digest) => byDigest.get(digest)!).sort(),
  };
}
