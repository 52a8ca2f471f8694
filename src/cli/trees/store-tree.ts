/** The tree of a valid store path, and where in it a name points. */
import { type ByteString, byteStringFromText } from "#base";
import type { StorePath } from "#format";
import type { Store } from "#store";
import { namedPath } from "../named-path.ts";
import { infoOf } from "../store/store-queries.ts";
import { diskTree } from "./disk-tree.ts";
import { type FileTree, treePath } from "./file-tree.ts";

export interface TreeInStore {
  readonly tree: FileTree;
  readonly storePath: StorePath;
  readonly path: ByteString;
}

/** @throws CopseError `store-path-not-valid`, `store-path-outside`. */
export function treeInStore(store: Store, named: string, cwd: string): TreeInStore {
  const { path: storePath, rest } = namedPath(store.place, named, cwd);
  infoOf(store, storePath);
  const tree = diskTree(byteStringFromText(store.realPath(storePath)), storePath);
  return { tree, storePath, path: treePath(byteStringFromText(rest)) };
}
