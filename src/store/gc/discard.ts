/**
 * Removing what is not valid any more: first out of sight, by a rename into the directory of unfinished files, then
 * for good. Whoever makes the path again finds its place free, however long the removal takes.
 */
import { chmodSync, lstatSync, renameSync } from "node:fs";
import { byteStringFromText } from "#base";
import { fileError } from "#host";
import type { StoreContext } from "../store-context.ts";
import { removeTree } from "../trees/place-tree.ts";

/** Returns the bytes freed. Nothing there is no error. */
export function discard(context: StoreContext, realPath: string): number {
  try {
    const freed = context.overlay?.discard(realPath);
    if (freed !== undefined) return freed;
    const info = lstatSync(realPath, { throwIfNoEntry: false });
    if (info === undefined) return 0;
    // Moving a directory writes its "..", for which one must be root or may write it.
    if (info.isDirectory()) chmodSync(realPath, 0o755);
    const trash = context.tempPath();
    renameSync(realPath, trash);
    return removeTree(byteStringFromText(trash));
  } catch (error) {
    throw fileError(error, realPath);
  }
}
