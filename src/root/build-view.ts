/**
 * Makes the merged tree of a root on disk, by hard links to the files of the store: no byte is copied.
 *
 * Done by synchronous calls in a worker thread: measured, that is several times faster than promises, as each
 * call takes microseconds. Directories end up read-only with the store's time, which also keeps caches valid
 * that compare it (fontconfig's do).
 */
import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import type { ByteString } from "#base";
import { fsPath } from "./byte-path.ts";
import {
  type DirectoryNode,
  type Diversion,
  type LeafNode,
  linkTarget,
  MergedTree,
  type TreeSource,
} from "./merged-tree.ts";
import { packageNameOf, replacementByControl } from "./package-control.ts";

export interface BuildViewTask {
  readonly kind: "build-view";
  /** In order; all on one file system with `target`, else files are copied. */
  readonly sources: readonly TreeSource[];
  readonly diversions: readonly Diversion[];
  /** Absolute paths of directories to be left out. */
  readonly without?: readonly ByteString[];
  /** A directory that does not exist yet. */
  readonly target: ByteString;
}

const STORE_TIME = 1;
/** What a link across file systems, beyond a file's limit of links, or to another user's file ends with. */
const UNLINKABLE = new Set(["EXDEV", "EMLINK", "EPERM", "EOPNOTSUPP", "ENOTSUP"]);

export function buildView(task: BuildViewTask): void {
  const merged = mergeSources(task.sources, task.diversions);
  for (const path of task.without ?? []) {
    const node = merged.lookupLink(path);
    if (node?.kind === "directory") node.children.clear();
  }
  writeTree(merged.root, task.target);
}

/** The plan of a view. Throws "root-file-conflict". */
export function mergeSources(sources: readonly TreeSource[], diversions: readonly Diversion[]): MergedTree {
  const merged = new MergedTree({
    diversions,
    packageName: packageNameOf,
    replacement: replacementByControl,
  });
  for (const source of sources) merged.add(source);
  return merged;
}

function writeTree(directory: DirectoryNode, path: ByteString): void {
  mkdirSync(fsPath(path), 0o755);
  for (const [name, node] of directory.children) {
    const child = `${path}/${name}`;
    if (node.kind === "directory") writeTree(node, child);
    else placeLeaf(node, child);
  }
  utimesSync(fsPath(path), STORE_TIME, STORE_TIME);
  chmodSync(fsPath(path), 0o555);
}

function placeLeaf(leaf: LeafNode, path: ByteString): void {
  try {
    linkSync(fsPath(leaf.realPath), fsPath(path));
  } catch (error) {
    if (!UNLINKABLE.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    copyLeaf(leaf, path);
  }
}

function copyLeaf(leaf: LeafNode, path: ByteString): void {
  if (leaf.kind === "symlink") {
    symlinkSync(fsPath(linkTarget(leaf)), fsPath(path));
    lutimesSync(fsPath(path), STORE_TIME, STORE_TIME);
    return;
  }
  // A clone shares the blocks where the file system can; the mode comes along.
  copyFileSync(fsPath(leaf.realPath), fsPath(path), constants.COPYFILE_FICLONE);
  utimesSync(fsPath(path), STORE_TIME, STORE_TIME);
}
