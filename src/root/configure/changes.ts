/**
 * What has changed in a tree between two looks at it. The time of a file's last change of state (ctime) moves with
 * every write, link and rename, and no program can set it: with the inode's number it tells what was touched.
 */
import { lstatSync } from "node:fs";
import type { ByteString } from "#base";
import { fsPath, readDirectory } from "../byte-path.ts";

/** Stamps by path below the tree, `/etc/passwd`. */
export type Snapshot = ReadonlyMap<ByteString, string>;

export interface TreeChanges {
  /** New or touched, each directory before what is in it. */
  readonly touched: readonly ByteString[];
  /** Gone; of a directory that is gone, its entries too. */
  readonly removed: readonly ByteString[];
}

export function takeSnapshot(tree: ByteString): Snapshot {
  const stamps = new Map<ByteString, string>();
  const visit = (directory: ByteString) => {
    for (const entry of readDirectory(tree + directory)) {
      const path = `${directory}/${entry.name}`;
      if (entry.isDirectory()) {
        // A directory's own stamp moves with every name in it, which says nothing by itself.
        stamps.set(path, "directory");
        visit(path);
        continue;
      }
      const { ctimeNs, ino } = lstatSync(fsPath(tree + path), { bigint: true });
      stamps.set(path, `${ino} ${ctimeNs}`);
    }
  };
  visit("");
  return stamps;
}

export function changesBetween(before: Snapshot, after: Snapshot): TreeChanges {
  const touched = [...after].filter(([path, stamp]) => before.get(path) !== stamp).map(([path]) => path);
  const removed = [...before.keys()].filter((path) => !after.has(path));
  return { touched: touched.sort(), removed: removed.sort() };
}
