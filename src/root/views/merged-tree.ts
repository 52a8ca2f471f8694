/**
 * Many trees seen as one: what a file system holds after dpkg has unpacked packages into it, in order.
 *
 * This is a plan in memory: names, kinds, and where each file really lies. Views are made from it, and the
 * native triggers read packages through it, because reading a path on the real file system would follow a
 * package's links out of its tree and into the host.
 *
 * Where two trees have the same name, dpkg's rules hold. Directories merge. A link to a directory and a
 * directory of that name: the one that came first stays, and what follows goes through it. Two files: equal
 * contents are fine, otherwise one package must replace the other (`Replaces:`) or have diverted its file.
 */
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { type ByteString, CopseError } from "#base";
import { fsPath, readDirectory } from "../byte-path.ts";
import { COPSE_DIRECTORY } from "../unpacking/deb-member-path.ts";

export interface TreeSource {
  /** What errors call it: a logical store path. */
  readonly label: string;
  readonly realPath: ByteString;
  /** A delta and byte code were made for this root: they win over whatever packages hold. */
  readonly kind: "package" | "bytecode" | "delta";
}

/** As `dpkg-divert` has it: every package but `by` gets its file `from` installed as `to`. */
export interface Diversion {
  readonly by: string;
  readonly from: ByteString;
  readonly to: ByteString;
}

/** Answers who wins a name that two packages hold; undefined where neither replaces the other. */
export type ReplacementRule = (first: TreeSource, second: TreeSource) => "first" | "second" | undefined;

export interface MergeRules {
  readonly replacement: ReplacementRule;
  readonly packageName: (source: TreeSource) => string;
  readonly diversions: readonly Diversion[];
}

export interface DirectoryNode {
  readonly kind: "directory";
  readonly children: Map<ByteString, TreeNode>;
}

export interface LeafNode {
  readonly kind: "file" | "symlink";
  readonly realPath: ByteString;
  readonly source: TreeSource;
}

export type TreeNode = DirectoryNode | LeafNode;

const MAX_LINKS_FOLLOWED = 40;

export class MergedTree {
  readonly root: DirectoryNode = { kind: "directory", children: new Map() };
  readonly #rules: MergeRules;
  readonly #diverted: ReadonlyMap<ByteString, Diversion>;

  constructor(rules: MergeRules) {
    this.#rules = rules;
    this.#diverted = new Map(rules.diversions.map((diversion) => [diversion.from, diversion]));
  }

  /** Adds a tree on top of those that are there. Throws "root-file-conflict" naming both sides. */
  add(source: TreeSource): void {
    this.#merge(this.root, source.realPath, { source, path: "" });
  }

  /** The node at an absolute path, links followed inside the root; undefined where there is none. */
  lookup(path: ByteString): TreeNode | undefined {
    return this.#walk(path, { followLast: true, create: false });
  }

  /** As `lookup`, but a link as the last component is the answer itself. */
  lookupLink(path: ByteString): TreeNode | undefined {
    return this.#walk(path, { followLast: false, create: false });
  }

  /** The contents of a file; undefined where the path leads to none. */
  readFile(path: ByteString): Buffer | undefined {
    const node = this.lookup(path);
    return node?.kind === "file" ? readFileSync(fsPath(node.realPath)) : undefined;
  }

  /** Names in a directory, in byte order; none where there is no such directory. */
  list(path: ByteString): ByteString[] {
    const node = this.lookup(path);
    return node?.kind === "directory" ? [...node.children.keys()].sort() : [];
  }

  /** Takes out what a path names, a link itself rather than what it leads to. */
  remove(path: ByteString): void {
    const slash = path.lastIndexOf("/");
    const parent = this.lookup(path.slice(0, slash));
    if (parent?.kind === "directory") parent.children.delete(path.slice(slash + 1));
  }

  #merge(into: DirectoryNode, realDirectory: ByteString, at: { source: TreeSource; path: ByteString }): void {
    for (const entry of readDirectory(realDirectory)) {
      const { name } = entry;
      if (at.path === "" && name === COPSE_DIRECTORY) continue;
      const path = `${at.path}/${name}`;
      const realPath = `${realDirectory}/${name}`;
      if (entry.isDirectory()) {
        this.#merge(this.#directoryAt(into, name, { source: at.source, path }), realPath, {
          source: at.source,
          path,
        });
        continue;
      }
      const kind = entry.isSymbolicLink() ? "symlink" : entry.isFile() ? "file" : undefined;
      if (!kind) throw new CopseError("root-file-kind", `Tree contains a special file: \`${realPath}\``);
      this.#addLeaf(into, name, { path, leaf: { kind, realPath, source: at.source } });
    }
  }

  #directoryAt(
    into: DirectoryNode,
    name: ByteString,
    at: { source: TreeSource; path: ByteString },
  ): DirectoryNode {
    const existing = into.children.get(name);
    if (existing?.kind === "directory") return existing;
    if (existing === undefined) {
      const made: DirectoryNode = { kind: "directory", children: new Map() };
      into.children.set(name, made);
      return made;
    }
    const behind =
      existing.kind === "symlink" ? this.#walk(at.path, { followLast: true, create: true }) : existing;
    if (behind?.kind === "directory") return behind;
    throw conflict(at.path, existing.source, at.source);
  }

  #addLeaf(into: DirectoryNode, name: ByteString, at: { path: ByteString; leaf: LeafNode }): void {
    const { leaf, path } = at;
    const diversion = leaf.source.kind === "package" ? this.#diverted.get(path) : undefined;
    if (diversion && diversion.by !== this.#rules.packageName(leaf.source)) {
      const slash = diversion.to.lastIndexOf("/");
      const parent = this.#walk(diversion.to.slice(0, slash), { followLast: true, create: true });
      if (parent?.kind === "directory") parent.children.set(diversion.to.slice(slash + 1), leaf);
      return;
    }
    const existing = into.children.get(name);
    if (existing?.kind === "directory") {
      // dpkg never replaces a directory by a link.
      if (leaf.kind === "symlink" && leaf.source.kind === "package") return;
      // base-files has `/var/run` empty in its package and makes a link of it afterwards.
      if (leaf.source.kind === "delta" && existing.children.size === 0) {
        into.children.set(name, leaf);
        return;
      }
      throw new CopseError(
        "root-file-conflict",
        `\`${path}\` is a directory, but not in \`${leaf.source.label}\``,
      );
    }
    if (existing === undefined || this.#prefers(leaf, existing, path)) into.children.set(name, leaf);
  }

  #prefers(leaf: LeafNode, existing: LeafNode, path: ByteString): boolean {
    if (leaf.source.kind !== "package") return true;
    if (existing.source === leaf.source) return true;
    const winner = this.#rules.replacement(existing.source, leaf.source);
    if (winner) return winner === "second";
    if (sameContents(existing, leaf)) return false;
    throw conflict(path, existing.source, leaf.source);
  }

  #walk(path: ByteString, how: { followLast: boolean; create: boolean }): TreeNode | undefined {
    const pending = path.split("/").reverse();
    const stack: DirectoryNode[] = [this.root];
    let linksFollowed = 0;
    while (pending.length > 0) {
      const name = pending.pop()!;
      if (name === "" || name === ".") continue;
      if (name === "..") {
        if (stack.length > 1) stack.pop();
        continue;
      }
      const here = stack.at(-1)!;
      let node = here.children.get(name);
      if (node === undefined) {
        if (!how.create) return undefined;
        node = { kind: "directory", children: new Map() };
        here.children.set(name, node);
      }
      const isLast = pending.every((component) => component === "" || component === ".");
      if (node.kind === "directory") stack.push(node);
      else if (node.kind === "symlink" && (!isLast || how.followLast)) {
        if (++linksFollowed > MAX_LINKS_FOLLOWED) return undefined;
        const target = linkTarget(node);
        if (target.startsWith("/")) stack.length = 1;
        pending.push(...target.split("/").reverse());
      } else return isLast ? node : undefined;
    }
    return stack.at(-1);
  }
}

export function linkTarget(leaf: LeafNode): ByteString {
  return readlinkSync(fsPath(leaf.realPath), { encoding: "latin1" });
}

function sameContents(a: LeafNode, b: LeafNode): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "symlink") return linkTarget(a) === linkTarget(b);
  const [first, second] = [lstatSync(fsPath(a.realPath)), lstatSync(fsPath(b.realPath))];
  if (first.size !== second.size) return false;
  if (first.ino === second.ino && first.dev === second.dev) return true;
  return readFileSync(fsPath(a.realPath)).equals(readFileSync(fsPath(b.realPath)));
}

function conflict(path: ByteString, first: TreeSource, second: TreeSource): CopseError {
  return new CopseError(
    "root-file-conflict",
    `Two packages hold different files of one name, \`${first.label}\` and \`${second.label}\`: \`${path}\``,
    { hint: "these packages cannot be in one environment; leave one of them out" },
  );
}
