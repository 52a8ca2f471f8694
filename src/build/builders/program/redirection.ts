/**
 * Builds in place write to their outputs' own paths. Where such a path is valid already (one output of several is
 * missing, or a build is done again to compare) nobody may write to it: the builder is told another path of the same
 * length, and afterwards the digest of that one is replaced by the true one in all that was built.
 */
import type { ByteString } from "#base";
import { byteStringFromText } from "#base";
import {
  hashBytes,
  makeTextPath,
  rewriteDigests,
  type StorePath,
  storePathHash,
  storePathName,
} from "#format";
import { dumpTree, restoreTree } from "#store";
import type { BuildTask } from "../context.ts";
import type { Rewrites } from "./environment.ts";

export interface Redirection {
  /** Where each output is built. */
  readonly pathOf: ReadonlyMap<string, StorePath>;
  /** What the builder is told instead of true digests. */
  readonly outward: Rewrites;
  /** What becomes of the others' digests in what it built. */
  readonly inward: ReadonlyMap<string, string>;
}

export function redirectValidOutputs(task: BuildTask): Redirection {
  const pathOf = new Map<string, StorePath>();
  const outward = new Map<ByteString, ByteString>();
  const inward = new Map<string, string>();
  for (const [name, output] of task.drv.outputs) {
    const path = output.path as StorePath;
    const scratch = task.services.store.isValid(path) ? scratchPath(task, path) : path;
    pathOf.set(name, scratch);
    if (scratch === path) continue;
    outward.set(storePathHash(path), storePathHash(scratch));
    inward.set(storePathHash(scratch), storePathHash(path));
  }
  return { pathOf, outward, inward };
}

/** A path that nothing else can have. */
export function scratchPath(task: BuildTask, path: StorePath): StorePath {
  const hash = hashBytes("sha256", `rewrite:${task.drvPath}:${path}`);
  return makeTextPath({ name: storePathName(path), hash, references: [] });
}

/** Copies a tree with digests replaced. `target` is where nothing is yet. */
export async function copyRewritten(copy: {
  readonly source: string;
  readonly target: string;
  readonly rewrites: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}): Promise<void> {
  const chunks = dumpTree(byteStringFromText(copy.source));
  await restoreTree(rewriteDigests(chunks, copy.rewrites), byteStringFromText(copy.target), {
    signal: copy.signal,
  });
}
