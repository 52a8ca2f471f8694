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
import { fsPath } from "../byte-path.ts";
import { packageNameOf, replacementByControl } from "../unpacking/package-control.ts";
import {
  type DirectoryNode,
  type Diversion,
  type LeafNode,
  linkTarget,
  MergedTree,
  type TreeSource,
} from "./merged-tree.ts";

export interface BuildViewTask {
  readonly kind: "build-view";
  /** In order; all on one file system with `target`, else files are copied. */
  readonly sources: readonly TreeSource[];
  readonly diversions: readonly Diversion[];
  /** Absolute paths of directories whose entries are left out. */
  readonly without?: readonly ByteString[];
  /** Absolute paths of what packages have and the root does not. */
  readonly absent?: readonly ByteString[];
  /** Whether the tree is to be written to: then nothing in it is shared with a source. */
  readonly isPrivate?: boolean;
  /** A directory that does not exist yet. */
  readonly target: ByteString;
}

const STORE_TIME = 1;
/**
 * What a link across file systems, beyond a file's limit of links, to another user's file, or on a file system that
 * knows no links (vfat, some of NFS, Lustre and FUSE) ends with.
 */
const UNLINKABLE = new Set(["EXDEV", "EMLINK", "EPERM", "EACCES", "EOPNOTSUPP", "ENOTSUP", "ENOSYS"]);

export interface BuiltView {
  /** Files that take room of their own, as no link to them could be made. */
  readonly copiedFiles: number;
  /** Why, in the system's word for the first: `EXDEV`. */
  readonly reason: string | undefined;
}

/** `link` is what makes a link, for tests. */
export function buildView(
  task: BuildViewTask,
  link: (from: ByteString, to: ByteString) => void = hardLink,
): BuiltView {
  const merged = mergeSources(task.sources, task.diversions);
  for (const path of task.without ?? []) {
    const node = merged.lookupLink(path);
    if (node?.kind === "directory") node.children.clear();
  }
  for (const path of task.absent ?? []) merged.remove(path);
  if (task.isPrivate) {
    writeTree(merged.root, task.target, { placeLeaf: copyLeaf, directoryMode: 0o755 });
    return { copiedFiles: 0, reason: undefined };
  }
  let copiedFiles = 0;
  let reason: string | undefined;
  const placeLeaf = (leaf: LeafNode, path: ByteString) => {
    // Once it is clear that links lead nowhere, they are not tried for each file.
    if (reason === undefined || reason === "EMLINK" || copiedFiles < TRIED_LINKS) {
      try {
        link(leaf.realPath, path);
        return;
      } catch (error) {
        const { code = "" } = error as NodeJS.ErrnoException;
        if (!UNLINKABLE.has(code)) throw error;
        reason ??= code;
      }
    }
    copyLeaf(leaf, path);
    if (leaf.kind === "file") copiedFiles++;
  };
  writeTree(merged.root, task.target, { placeLeaf, directoryMode: 0o555 });
  return { copiedFiles, reason };
}

const TRIED_LINKS = 100;

interface Manner {
  readonly placeLeaf: (leaf: LeafNode, path: ByteString) => void;
  readonly directoryMode: number;
}

function hardLink(from: ByteString, to: ByteString): void {
  linkSync(fsPath(from), fsPath(to));
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

function writeTree(directory: DirectoryNode, path: ByteString, manner: Manner): void {
  mkdirSync(fsPath(path), 0o755);
  for (const [name, node] of directory.children) {
    const child = `${path}/${name}`;
    if (node.kind === "directory") writeTree(node, child, manner);
    else manner.placeLeaf(node, child);
  }
  utimesSync(fsPath(path), STORE_TIME, STORE_TIME);
  chmodSync(fsPath(path), manner.directoryMode);
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
