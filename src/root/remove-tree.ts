/** Removing trees whose directories are read-only, as those of the store and of views are. */
import { chmodSync, lstatSync, rmSync } from "node:fs";
import type { ByteString } from "#base";
import { fsPath, readDirectory } from "./byte-path.ts";

/** Removes a tree; nothing happens where there is none. Links are removed, never followed. */
export function removeReadOnlyTree(path: ByteString): void {
  const status = lstatSync(fsPath(path), { throwIfNoEntry: false });
  if (!status) return;
  // Only directories: the modes of hard-linked files are those of the store.
  if (status.isDirectory()) makeDirectoriesWritable(path);
  rmSync(fsPath(path), { recursive: true, force: true });
}

function makeDirectoriesWritable(path: ByteString): void {
  chmodSync(fsPath(path), 0o755);
  for (const entry of readDirectory(path)) {
    if (entry.isDirectory()) makeDirectoriesWritable(`${path}/${entry.name}`);
  }
}
