/**
 * Canonical metadata: what two builds of the same thing must agree on, beyond names and contents. Modification
 * times are 1 (0 means "unset" to some programs), modes are 0444 or 0555, nothing is setuid. Extended
 * attributes are not looked at. Hard links within a tree stay.
 *
 * As root, files become root's; anyone else could not give them away, and builds run as that user anyway.
 */
import { chmodSync, lchownSync, lstatSync, lutimesSync, type Stats } from "node:fs";
import type { ByteString } from "#base";
import { CANONICAL_MTIME_SECONDS } from "./canonical-entries.ts";
import { entryKind, sortedEntries, specialFileError } from "./dump-tree.ts";
import { nativePath } from "./native-path.ts";

/** Throws CopseError `store-special-file`, having changed part of the tree. */
export function canonicaliseTree(path: ByteString): void {
  const native = nativePath(path);
  const info = lstatSync(native);
  const kind = entryKind(info);
  if (kind === "unknown") throw specialFileError(path);
  takeOwnership(native, info);
  if (kind !== "symlink") setMode(native, info, kind === "directory");
  if (kind === "directory") {
    for (const entry of sortedEntries(path)) canonicaliseTree(`${path}/${entry.name}`);
  }
  // Last: what was done to the entries changed no directory's time, but a mode change may follow a write.
  if (info.mtimeMs !== CANONICAL_MTIME_SECONDS * 1000) {
    lutimesSync(native, info.atimeMs / 1000, CANONICAL_MTIME_SECONDS);
  }
}

function setMode(path: string | Buffer, info: Stats, isDirectory: boolean): void {
  const wanted = isDirectory || info.mode & 0o100 ? 0o555 : 0o444;
  if ((info.mode & 0o7777) !== wanted) chmodSync(path, wanted);
}

function takeOwnership(path: string | Buffer, info: Stats): void {
  const uid = process.geteuid?.();
  if (uid === 0 && (info.uid !== 0 || info.gid !== 0)) lchownSync(path, 0, 0);
}
