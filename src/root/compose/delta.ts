/**
 * What the triggers of a root made, before it is written: a small tree in memory. Later triggers see what
 * earlier ones have put there, nothing is ever written over a package's own file by accident, and writing it out
 * in sorted order with fixed modes and times gives the same tree every time.
 */
import { chmodSync, lutimesSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import type { ByteString } from "#base";
import { fsPath } from "../byte-path.ts";

export type DeltaEntry =
  | { readonly kind: "directory" }
  | { readonly kind: "file"; readonly contents: Uint8Array | ByteString; readonly isExecutable: boolean }
  | { readonly kind: "symlink"; readonly target: ByteString };

const STORE_TIME = 1;

/** Paths are absolute, canonical (`/usr/bin`, never `/bin`) and without a slash at the end. */
export class Delta {
  readonly #entries = new Map<ByteString, DeltaEntry>();

  get(path: ByteString): DeltaEntry | undefined {
    return this.#entries.get(path);
  }

  has(path: ByteString): boolean {
    return this.#entries.has(path);
  }

  directory(path: ByteString): void {
    const existing = this.#entries.get(path);
    if (existing && existing.kind !== "directory") throw new Error(`Not a directory in a delta: ${path}`);
    this.#makeParents(path);
    this.#entries.set(path, { kind: "directory" });
  }

  /** A file; text is a byte string. */
  file(path: ByteString, contents: Uint8Array | ByteString, options: { isExecutable?: boolean } = {}): void {
    this.#put(path, { kind: "file", contents, isExecutable: options.isExecutable ?? false });
  }

  link(path: ByteString, target: ByteString): void {
    this.#put(path, { kind: "symlink", target });
  }

  /** Takes out what is at a path, a directory with all that is in it. */
  remove(path: ByteString): void {
    if (this.#entries.get(path)?.kind === "directory") {
      for (const each of [...this.#entries.keys()])
        if (each.startsWith(`${path}/`)) this.#entries.delete(each);
    }
    this.#entries.delete(path);
  }

  /** Writes everything into `target`, a directory that does not exist yet. */
  write(target: ByteString): void {
    mkdirSync(fsPath(target), 0o755);
    chmodSync(fsPath(target), 0o755);
    const entries = [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [path, entry] of entries) writeEntry(`${target}${path}`, entry);
    for (const [path, entry] of entries) {
      if (entry.kind === "directory") utimesSync(fsPath(`${target}${path}`), STORE_TIME, STORE_TIME);
    }
    utimesSync(fsPath(target), STORE_TIME, STORE_TIME);
  }

  #put(path: ByteString, entry: DeltaEntry): void {
    if (this.#entries.get(path)?.kind === "directory") throw new Error(`A directory in a delta: ${path}`);
    this.#makeParents(path);
    this.#entries.set(path, entry);
  }

  #makeParents(path: ByteString): void {
    const slash = path.lastIndexOf("/");
    if (slash > 0) this.directory(path.slice(0, slash));
  }
}

function writeEntry(real: ByteString, entry: DeltaEntry): void {
  const path = fsPath(real);
  switch (entry.kind) {
    case "directory":
      mkdirSync(path, 0o755);
      // By chmod too, which the umask does not concern.
      chmodSync(path, 0o755);
      return;
    case "symlink":
      symlinkSync(fsPath(entry.target), path);
      lutimesSync(path, STORE_TIME, STORE_TIME);
      return;
    case "file": {
      const { contents, isExecutable } = entry;
      const bytes = typeof contents === "string" ? Buffer.from(contents, "latin1") : contents;
      writeFileSync(path, bytes, { flag: "wx" });
      chmodSync(path, isExecutable ? 0o555 : 0o444);
      utimesSync(path, STORE_TIME, STORE_TIME);
    }
  }
}
