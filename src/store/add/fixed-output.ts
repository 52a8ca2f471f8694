/**
 * Outputs that must have a certain hash. One that has another is still something that was fetched or built at some
 * cost: it becomes valid under the path that it really has, so that mending the expression is all that is left to do.
 */
import { byteStringFromText, CopseError } from "#base";
import { formatHash, type Hash, makeFixedOutputPath, type StorePath, storePathName } from "#format";
import { lockPathSync } from "../locks/path-lock.ts";
import { fixedContentAddress } from "../path-info.ts";
import type { StoreContext } from "../store-context.ts";
import { moveIntoPlace } from "../trees/place-tree.ts";
import type { TreeWorkers } from "../trees/tree-workers.ts";
import type { OutputRequest } from "./register-output.ts";

export function hashMismatch(output: OutputRequest, expected: Hash, actual: Hash): CopseError {
  return new CopseError(
    "hash-mismatch",
    `hash mismatch in fixed-output derivation '${output.deriver ?? output.finalPath}':\n` +
      `  specified: ${formatHash(expected, "sri")}\n     got:    ${formatHash(actual, "sri")}`,
  );
}

/** Registers what was made as what it is. Nothing happens where someone else is at it, or where it refers to others. */
export async function registerAsWhatItIs(
  context: StoreContext,
  output: OutputRequest,
  options: {
    readonly method: "flat" | "nar";
    readonly actual: Hash;
    readonly workers: TreeWorkers;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { method, actual, workers, signal } = options;
  const path = makeFixedOutputPath({ name: storePathName(output.finalPath), method, hash: actual });
  const source = byteStringFromText(output.tmpRealPath);
  const tree = await workers.hashTree(source, { candidates: output.candidates, canonicalise: false, signal });
  if (tree.references.length > 0) return;
  context.protect(path);
  using lock = lockIfFree(context.realPath(path));
  if (!lock || context.db.isValid(path)) return;
  moveIntoPlace(source, byteStringFromText(context.realPath(path)));
  context.db.registerPaths(
    [{ ...describe(path), ...tree, ca: fixedContentAddress(method, actual) }],
    () => new Map(),
  );

  function describe(itsPath: StorePath) {
    return { path: itsPath, deriver: output.deriver, registrationTime: context.nowSeconds(), ultimate: true };
  }
}

function lockIfFree(realPath: string): Disposable | undefined {
  try {
    return lockPathSync(realPath, 1);
  } catch (error) {
    if (error instanceof CopseError && error.code === "store-lock-timeout") return undefined;
    throw error;
  }
}
