/**
 * Names that differ in the case of letters only, kept apart on file systems that cannot tell them apart: the second
 * one gets `~nix~case~hack~1` behind it, and whoever makes an archive of the tree takes that off again. It is Nix's way
 * on macOS, behind the setting `use-case-hack`; a tree restored so is read on Linux, too.
 */
import { readFileSync } from "node:fs";
import { type ByteString, bytesFromByteString, CopseError, textFromByteString } from "#base";
import type { NarEntry, NarTree } from "#format";
import { diskTree } from "./disk-tree.ts";
import { childPath, type FileTree } from "./file-tree.ts";

const SUFFIX = "~nix~case~hack~";

/** Gives each path of an archive, in the archive's order, the one to restore it at. */
export class CaseHack {
  /** For each folder, as restored: names in lower case, what they are, and how often they were met. */
  readonly #folders = new Map<ByteString, Map<string, { readonly name: ByteString; count: number }>>();
  /** Where folders of the archive were restored. */
  readonly #restored = new Map<ByteString, ByteString>([["", ""]]);

  /** Throws CopseError `nar-name`. */
  nameFor(path: ByteString): ByteString {
    if (path === "") return "";
    const slash = path.lastIndexOf("/");
    const folder = this.#restored.get(slash < 0 ? "" : path.slice(0, slash)) ?? "";
    const restored = childPath(folder, this.#apart(folder, path.slice(slash + 1)));
    this.#restored.set(path, restored);
    return restored;
  }

  #apart(folder: ByteString, name: ByteString): ByteString {
    const names = this.#folders.get(folder) ?? new Map<string, { name: ByteString; count: number }>();
    this.#folders.set(folder, names);
    const met = names.get(name.toLowerCase());
    if (met === undefined) {
      names.set(name.toLowerCase(), { name, count: 0 });
      return name;
    }
    met.count++;
    const hacked = `${name}${SUFFIX}${met.count}`;
    const taken = names.get(hacked.toLowerCase());
    if (taken === undefined) return hacked;
    throw new CopseError(
      "nar-name",
      `NAR contains file name '${textFromByteString(name)}' that collides with case-hacked file name '${textFromByteString(taken.name)}'`,
    );
  }
}

/** A tree on the disk for an archive of it, with the names it had. Throws CopseError `nar-name`. */
export function unhackedTree(top: ByteString): NarTree {
  return asNarTree(top, diskTree(top), "");
}

function asNarTree(top: ByteString, tree: FileTree, path: ByteString): NarTree {
  const node = tree.node(path);
  switch (node.kind) {
    case "symlink":
      return node;
    case "regular": {
      const { executable, sizeBytes } = node;
      const file = bytesFromByteString(path === "" ? top : `${top}/${path}`);
      return { kind: "file", executable, sizeBytes, contents: () => [readFileSync(file)] };
    }
    case "directory":
      return {
        kind: "directory",
        entries: () =>
          unhacked(node.names).map(([name, given]): NarEntry => {
            return [name, asNarTree(top, tree, childPath(path, given))];
          }),
      };
  }
}

function unhacked(names: readonly ByteString[]): [name: ByteString, given: ByteString][] {
  const seen = new Map<ByteString, ByteString>();
  for (const given of names) {
    const at = given.indexOf(SUFFIX);
    const name = at < 0 ? given : given.slice(0, at);
    const other = seen.get(name);
    if (other !== undefined) {
      throw new CopseError(
        "nar-name",
        `file name collision between '${textFromByteString(other)}' and '${textFromByteString(given)}'`,
      );
    }
    seen.set(name, given);
  }
  return [...seen];
}
