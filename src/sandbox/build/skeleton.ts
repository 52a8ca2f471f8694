/**
 * What is in a build's root before anything is mounted over it: folders, small files, links. Kept as data until
 * somebody makes it: launch.pl on a file system in memory, or `writeSkeleton` in a folder that is copied to one.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export type SkeletonEntry =
  | { readonly kind: "folder" }
  | { readonly kind: "file"; readonly text: string }
  | { readonly kind: "link"; readonly target: string };

/** Paths are relative to the root, or begin with a slash that means it. */
export class Skeleton {
  readonly #entries = new Map<string, SkeletonEntry>();

  /** Whether something was put there. */
  has(path: string): boolean {
    return this.#entries.has(join("/", path));
  }

  /** With the folders above it. What is there already stays. */
  folder(path: string): void {
    const place = join("/", path);
    if (place === "/" || this.#entries.has(place)) return;
    this.folder(dirname(place));
    this.#entries.set(place, { kind: "folder" });
  }

  file(path: string, text: string): void {
    this.#put(path, { kind: "file", text });
  }

  link(path: string, target: string): void {
    this.#put(path, { kind: "link", target });
  }

  /** By absolute path within the root, folders before what they hold. */
  entries(): Iterable<[path: string, entry: SkeletonEntry]> {
    return this.#entries;
  }

  #put(path: string, entry: SkeletonEntry): void {
    const place = join("/", path);
    this.folder(dirname(place));
    this.#entries.set(place, entry);
  }
}

/** `directory` is made. */
export function writeSkeleton(skeleton: Skeleton, directory: string): void {
  mkdirSync(directory);
  for (const [path, entry] of skeleton.entries()) {
    const place = join(directory, path);
    if (entry.kind === "folder") mkdirSync(place);
    else if (entry.kind === "file") writeFileSync(place, entry.text);
    else symlinkSync(entry.target, place);
  }
}
