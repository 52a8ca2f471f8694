/**
 * Putting other files in the place of a valid path's: for repair. Two renames, as there is no way to exchange two
 * directories from here. Killed between them, the path's files are missing, which verifying says and repairing mends;
 * they were not what was registered anyhow.
 */
import { chmodSync, lstatSync, renameSync } from "node:fs";
import { byteStringFromText } from "#base";
import { fileError } from "#host";
import { moveIntoPlace, removeTree } from "./place-tree.ts";

/** `made` is canonical and on the store's file system, `aside` a name there where nothing is. The caller has the lock. */
export function replaceContents(options: {
  readonly real: string;
  readonly made: string;
  readonly aside: string;
}): void {
  const { real, made, aside } = options;
  try {
    const info = lstatSync(real, { throwIfNoEntry: false });
    // Moving a directory writes its "..".
    if (info?.isDirectory()) chmodSync(real, 0o755);
    if (info) renameSync(real, aside);
    moveIntoPlace(byteStringFromText(made), byteStringFromText(real));
    removeTree(byteStringFromText(aside));
  } catch (error) {
    throw fileError(error, real);
  }
}
