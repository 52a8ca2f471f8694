/**
 * Outputs that must have a certain hash. One that has another is still something that was fetched or built at some
 * cost: it becomes valid under the path that it really has, so that mending the expression is all that is left to do.
 */
import { byteStringFromText, CopseError } from "#base";
import {
  type ContentMethod,
  formatHash,
  type Hash,
  makeContentPath,
  type StorePath,
  storePathName,
} from "#format";
import { lockPathSync } from "../locks/path-lock.ts";
import { contentAddress } from "../path-info.ts";
import type { StoreContext } from "../store-context.ts";
import { moveIntoPlace } from "../trees/place-tree.ts";
import type { TreeWorkers } from "../trees/tree-workers.ts";
import type { OutputRequest } from "./register-output.ts";

export function hashMismatch(output: OutputRequest, expected: Hash, actual: Hash): CopseError {
  return new CopseError(
    "hash-mismatch",
    `hash mismatch in fixed-output derivation '${output.deriver ?? output.finalPath}':\n` +
      `  specified: ${formatHash(expected, "sri")}\n     got:    ${formatHash(actual, "sri")}`,
    { hint: "where the new contents are meant, the expression must have the hash that was got" },
  );
}

/** Of the kinds of hashes that outputs are known by, the one whose paths can have references. */
export function mayRefer({ method, hash }: { readonly method: ContentMethod; readonly hash: Hash }): boolean {
  return method === "nar" && hash.algorithm === "sha256";
}

export function referencesInFixed(path: StorePath): CopseError {
  return new CopseError(
    "store-path-references",
    `fixed output derivation '${storePathName(path)}' is not allowed to refer to other store paths.`,
    { hint: "the attribute unsafeDiscardReferences lets store paths stand in it that are no references" },
  );
}

/**
 * Registers what was made as what it is. Nothing happens where someone else is at it, or where it refers to others, which
 * are returned.
 */
export async function registerAsWhatItIs(
  context: StoreContext,
  output: OutputRequest,
  options: {
    readonly method: ContentMethod;
    readonly actual: Hash;
    readonly workers: TreeWorkers;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<readonly StorePath[]> {
  const { method, actual, workers, signal } = options;
  const path = makeContentPath({ name: storePathName(output.finalPath), method, hash: actual });
  const source = byteStringFromText(output.tmpRealPath);
  const tree = await workers.hashTree(source, { candidates: output.candidates, canonicalise: false, signal });
  if (tree.references.length > 0) return tree.references;
  context.protect(path);
  using lock = lockIfFree(context.realPath(path));
  if (!lock || context.db.isValid(path)) return [];
  moveIntoPlace(source, byteStringFromText(context.realPath(path)));
  context.db.registerPaths(
    [{ ...describe(path), ...tree, ca: contentAddress(method, actual) }],
    () => new Map(),
  );
  return [];

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
