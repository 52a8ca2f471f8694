/**
 * The trees of several Python packages over one another: which file of which package stands at each path.
 *
 * As with pip, a later package's file takes the place of an earlier one's. Packages that have the same file (an
 * `__init__.py` of a namespace, a licence) are no cause for concern; all others are told. Byte code is valid for the
 * very source it was compiled from and is not checked against it when it is loaded, so it comes from the package
 * whose source won, or from none.
 */
import { readFileSync, statSync } from "node:fs";
import type { ByteString } from "#base";
import { CopseError } from "#base";
import { fsPath, readDirectory } from "../byte-path.ts";

/** One unpacked package, and the byte code of its sources. */
export interface PackageTree {
  /** What messages call it: `numpy-1.26.4`. */
  readonly name: string;
  readonly tree: TreePlace;
  readonly bytecode?: TreePlace | undefined;
}

export interface TreePlace {
  /** The logical store path: where links lead. */
  readonly storePath: ByteString;
  readonly realPath: ByteString;
}

export interface MergedFile {
  readonly owner: PackageTree;
  /** Logical path of the file itself. */
  readonly source: ByteString;
  readonly realPath: ByteString;
}

export interface Collision {
  readonly path: ByteString;
  /** Whose file is not seen, and whose is. */
  readonly hidden: string;
  readonly shown: string;
}

export interface MergedTrees {
  readonly files: ReadonlyMap<ByteString, MergedFile>;
  /** All folders, each before what is in it. */
  readonly folders: ReadonlySet<ByteString>;
  readonly collisions: readonly Collision[];
}

/** @throws CopseError `python-collision` where one package has a folder and another a file of the same path. */
export function mergeTrees(packages: readonly PackageTree[]): MergedTrees {
  const merging = new Merging();
  for (const one of packages) merging.add(one);
  for (const one of packages) merging.addBytecode(one);
  return merging;
}

class Merging implements MergedTrees {
  readonly files = new Map<ByteString, MergedFile>();
  readonly folders = new Set<ByteString>();
  readonly collisions: Collision[] = [];
  /** Of each folder, who brought it first. */
  readonly #folderOwners = new Map<ByteString, string>();

  add(owner: PackageTree): void {
    for (const path of this.#walk(owner, owner.tree)) {
      const file = fileOf(owner, owner.tree, path);
      const before = this.files.get(path);
      if (before && !isSameFile(before.realPath, file.realPath))
        this.collisions.push({ path, hidden: before.owner.name, shown: owner.name });
      this.files.set(path, file);
    }
  }

  addBytecode(owner: PackageTree): void {
    if (!owner.bytecode) return;
    for (const path of this.#walk(owner, owner.bytecode)) {
      const source = sourceOf(path);
      // A package that brings byte code itself brings what its author made; ours is for the source at hand.
      if (source === undefined || this.files.get(source)?.owner !== owner) continue;
      this.files.set(path, fileOf(owner, owner.bytecode, path));
    }
  }

  *#walk(owner: PackageTree, place: TreePlace, folder = ""): Generator<ByteString> {
    for (const entry of readDirectory(folder === "" ? place.realPath : `${place.realPath}/${folder}`)) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) {
        const other = this.#folderOwners.get(path);
        if (other !== undefined) throw kindClash(path, other, owner.name);
        yield path;
        continue;
      }
      const file = this.files.get(path);
      if (file) throw kindClash(path, owner.name, file.owner.name);
      if (!this.#folderOwners.has(path)) this.#folderOwners.set(path, owner.name);
      this.folders.add(path);
      yield* this.#walk(owner, place, path);
    }
  }
}

/** `a/__pycache__/b.cpython-311.pyc` is of `a/b.py`. */
function sourceOf(bytecode: ByteString): ByteString | undefined {
  const found = /^(.*?)__pycache__\/([^/]+)\.[A-Za-z0-9_]+-[A-Za-z0-9_]+(?:\.opt-[0-9])?\.pyc$/s.exec(
    bytecode,
  );
  return found ? `${found[1]}${found[2]}.py` : undefined;
}

function fileOf(owner: PackageTree, { storePath, realPath }: TreePlace, path: ByteString): MergedFile {
  return { owner, source: `${storePath}/${path}`, realPath: `${realPath}/${path}` };
}

function isSameFile(one: ByteString, other: ByteString): boolean {
  if (statSync(fsPath(one)).size !== statSync(fsPath(other)).size) return false;
  return readFileSync(fsPath(one)).equals(readFileSync(fsPath(other)));
}

function kindClash(path: ByteString, folderOf: string, fileOwner: string): CopseError {
  return new CopseError(
    "python-collision",
    `Packages ${folderOf} and ${fileOwner} cannot be in one environment: to the one it is a folder, to the other a file: \`${path}\``,
    { hint: "put one of them into an environment of its own" },
  );
}

/** One line for each two packages that have a file in common, in the order of the first. */
export function describeCollisions(collisions: readonly Collision[]): string[] {
  const pairs = new Map<string, Collision[]>();
  for (const one of collisions) {
    const key = `${one.hidden} ${one.shown}`;
    pairs.set(key, [...(pairs.get(key) ?? []), one]);
  }
  return [...pairs.values()].map((files) => {
    const [{ hidden, shown, path }] = files as [Collision];
    const more = files.length === 1 ? "" : ` and ${files.length - 1} more`;
    return `${hidden} and ${shown} both have ${path}${more}: that of ${shown} is taken`;
  });
}
