/**
 * Builds in place write to their outputs' own paths. Where such a path is valid already (one output of several is
 * missing, or a build is done again to compare) nobody may write to it: the builder is told another path of the same
 * length, and afterwards the digest of that one is replaced by the true one in all that was built.
 *
 * Floating outputs, whose paths are not known before they are built, are made at such scratch paths wherever they are
 * built; see realise/content-addressing.ts for what becomes of these.
 */
import type { ByteString } from "#base";
import { byteStringFromText } from "#base";
import {
  makeScratchPath,
  outputPathName,
  rewriteDigests,
  type StorePath,
  storePathBase,
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
  for (const name of task.drv.outputs.keys()) {
    const path = builtAt(task, name);
    const scratch = task.services.store.isValid(path) ? scratchInstead(task, path) : path;
    pathOf.set(name, scratch);
    if (scratch === path) continue;
    outward.set(storePathHash(path), storePathHash(scratch));
    inward.set(storePathHash(scratch), storePathHash(path));
  }
  return { pathOf, outward, inward };
}

/** Where an output is made by a builder that has the store to itself: at its own path if that is known. */
export function builtAt({ drvPath, drv }: Pick<BuildTask, "drvPath" | "drv">, output: string): StorePath {
  const path = drv.outputs.get(output)?.path ?? "";
  if (path !== "") return path;
  return makeScratchPath({ drvPath, instead: `name:${output}`, name: outputPathName(drv.name, output) });
}

function scratchInstead({ drvPath }: BuildTask, path: StorePath): StorePath {
  return makeScratchPath({ drvPath, instead: storePathBase(path), name: storePathName(path) });
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
