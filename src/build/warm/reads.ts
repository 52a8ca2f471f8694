/**
 * What an evaluation read of the world, and whether the world still says the same.
 *
 * Evaluation is a function of its arguments and of these: files, directory listings, what was absent, links,
 * environment variables. An evaluation whose reads all still hold needs no repeating. Files are compared by
 * stamp (size, modification and change time, inode) rather than by content: checking a hundred files must
 * cost a millisecond, and the change time moves with every write, even one that resets the modification time.
 */
import { type BigIntStats, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";

export type Read =
  | { readonly kind: "file"; readonly path: string; readonly stamp: string }
  | { readonly kind: "kind"; readonly path: string; readonly found: string }
  | { readonly kind: "directory"; readonly path: string; readonly names: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "variable"; readonly name: string; readonly value: string };

/** Collects reads while an evaluation runs. `uncacheable` ends the collection: the result depends on more. */
export class ReadRecorder {
  readonly #reads = new Map<string, Read>();
  #uncacheable: string | undefined;

  file(path: string): void {
    this.#add(`file ${path}`, () => ({ kind: "file", path, stamp: stampOf(path) }));
  }
  fileKind(path: string): void {
    this.#add(`kind ${path}`, () => ({ kind: "kind", path, found: kindOf(path) }));
  }
  directory(path: string): void {
    this.#add(`directory ${path}`, () => ({ kind: "directory", path, names: namesIn(path) }));
  }
  link(path: string): void {
    this.#add(`link ${path}`, () => ({ kind: "link", path, target: targetOf(path) }));
  }
  variable(name: string, value: string): void {
    this.#add(`variable ${name}`, () => ({ kind: "variable", name, value }));
  }
  /** A whole tree was copied to the store, whichever parts a filter took. */
  tree(path: string): void {
    this.fileKind(path);
    const kind = kindOf(path);
    if (kind === "regular") this.file(path);
    else if (kind === "symlink") this.link(path);
    else if (kind === "directory") {
      this.directory(path);
      for (const name of readdirSync(path)) this.tree(`${path}/${name}`);
    }
  }
  uncacheable(reason: string): void {
    this.#uncacheable ??= reason;
  }

  /** Undefined where the evaluation depended on what cannot be checked, such as the time. */
  reads(): readonly Read[] | undefined {
    return this.#uncacheable === undefined ? [...this.#reads.values()] : undefined;
  }

  #add(key: string, read: () => Read): void {
    if (!this.#reads.has(key)) this.#reads.set(key, read());
  }
}

/** Whether every read would give today what it gave then. */
export function readsHold(reads: readonly Read[], variable: (name: string) => string): boolean {
  return reads.every((read) => {
    switch (read.kind) {
      case "file":
        return stampOf(read.path) === read.stamp;
      case "kind":
        return kindOf(read.path) === read.found;
      case "directory":
        return namesIn(read.path) === read.names;
      case "link":
        return targetOf(read.path) === read.target;
      case "variable":
        return variable(read.name) === read.value;
      default:
        return false;
    }
  });
}

/** Changes when the file does; `absent` where there is none. */
export function stampOf(path: string): string {
  try {
    return formatStamp(statSync(path, { bigint: true }));
  } catch {
    return "absent";
  }
}

function formatStamp(stats: BigIntStats): string {
  return `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}`;
}

function kindOf(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return "absent";
  return stats.isSymbolicLink() ? "symlink" : stats.isDirectory() ? "directory" : "regular";
}

function namesIn(path: string): string {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries
      .map((entry) => `${entry.isDirectory() ? "d" : entry.isSymbolicLink() ? "l" : "f"}${entry.name}`)
      .sort()
      .join("/");
  } catch {
    return "absent";
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "absent";
  }
}
