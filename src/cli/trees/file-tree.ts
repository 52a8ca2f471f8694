/** A tree of files to look into, wherever it lies: in the store, or in an archive. Names are byte strings. */
import type { ByteString } from "#base";

export type TreeNode =
  | {
      readonly kind: "regular";
      readonly executable: boolean;
      readonly sizeBytes: number;
      /** Where its contents begin, in an archive. */
      readonly narOffset?: number | undefined;
    }
  | { readonly kind: "symlink"; readonly target: ByteString }
  /** Names in byte order. */
  | { readonly kind: "directory"; readonly names: readonly ByteString[] };

export interface FileTree {
  /** What there is at a path: "" for the top, else `a/b`. Links are not followed. Throws CopseError `file-not-found`. */
  node(path: ByteString): TreeNode;
}

/** `/a//b/` as `a/b`. */
export function treePath(path: ByteString): ByteString {
  return path.split("/").filter(Boolean).join("/");
}

export function childPath(parent: ByteString, name: ByteString): ByteString {
  return parent === "" ? name : `${parent}/${name}`;
}
