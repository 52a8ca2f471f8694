/**
 * Trees on their way into the store and out of it: copied from outside, moved into place, removed. Paths are
 * byte strings and real.
 */
import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import type { ByteString } from "#base";
import { type EntryKind, kindOf, sortedEntries, specialFileError, type TreeFilter } from "./dump-tree.ts";
import { nativePath } from "./native-path.ts";

/** Copies what a NAR of the tree would hold. Shares the blocks where the file system can. */
export function copyTree(source: ByteString, target: ByteString, filter?: TreeFilter): void {
  copyNode(source, target, kindOf(source), filter);
}

function copyNode(
  source: ByteString,
  target: ByteString,
  kind: EntryKind,
  filter: TreeFilter | undefined,
): void {
  switch (kind) {
    case "regular":
      copyFileSync(nativePath(source), nativePath(target), constants.COPYFILE_FICLONE);
      return;
    case "symlink":
      symlinkSync(readlinkSync(nativePath(source), "buffer"), nativePath(target));
      return;
    case "directory":
      mkdirSync(nativePath(target));
      for (const { name, kind: entryKind } of sortedEntries(source)) {
        const entry = source === "/" ? `/${name}` : `${source}/${name}`;
        if (filter !== undefined && !filter(entry, entryKind)) continue;
        copyNode(entry, `${target}/${name}`, entryKind, filter);
      }
      return;
    case "unknown":
      throw specialFileError(source);
  }
}

/**
 * Renames a canonical tree to its place, over whatever invalid leftover is there. The caller holds the lock
 * on that path, or knows that everyone would put the same single file there.
 */
export function moveIntoPlace(from: ByteString, to: ByteString): void {
  const info = lstatSync(nativePath(from));
  // Moving a directory writes its "..", so it must be writable for a moment, unless one is root.
  if (info.isDirectory()) chmodSync(nativePath(from), 0o755);
  try {
    renameSync(nativePath(from), nativePath(to));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "EISDIR" && code !== "ENOTDIR") throw error;
    removeTree(to);
    renameSync(nativePath(from), nativePath(to));
  }
  if (info.isDirectory()) chmodSync(nativePath(to), 0o555);
}

/**
 * Removes a tree, read-only directories included. Nothing there is no error. Returns the bytes of the files that this
 * freed, as C++ Nix counts them: a file with a second link is taken to be shared with `.links` alone.
 */
export function removeTree(path: ByteString): number {
  const native = nativePath(path);
  const info = lstatSync(native, { throwIfNoEntry: false });
  if (info === undefined) return 0;
  if (!info.isDirectory()) {
    unlinkSync(native);
    return info.nlink <= 2 ? info.size : 0;
  }
  if ((info.mode & 0o700) !== 0o700) chmodSync(native, 0o700);
  let bytes = 0;
  for (const { name } of sortedEntries(path)) bytes += removeTree(`${path}/${name}`);
  rmdirSync(native);
  return bytes;
}
