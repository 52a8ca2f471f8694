/** A tree in the file system. */
import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { type ByteString, bytesFromByteString, CopseError, textFromByteString } from "#base";
import type { FileTree, TreeNode } from "./file-tree.ts";

/** `top` is a real path; `shownAs` is what errors call it. */
export function diskTree(top: ByteString, shownAs: ByteString = top): FileTree {
  return {
    node(path) {
      const full = path === "" ? top : `${top}/${path}`;
      const native = bytesFromByteString(full);
      const info = lstatOrNothing(native);
      if (info === undefined) {
        const shown = textFromByteString(path === "" ? shownAs : `${shownAs}/${path}`);
        throw new CopseError("file-not-found", `path '${shown}' does not exist`);
      }
      if (info.isSymbolicLink()) return { kind: "symlink", target: readlinkSync(native, "latin1") };
      if (!info.isDirectory())
        return { kind: "regular", executable: (info.mode & 0o100) !== 0, sizeBytes: info.size };
      return directory(native);
    },
  };
}

function directory(native: Buffer): TreeNode {
  return { kind: "directory", names: readdirSync(native, "latin1").sort() };
}

/** Nothing also where a file is in the place of a folder above. */
function lstatOrNothing(native: Buffer) {
  try {
    return lstatSync(native, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}
