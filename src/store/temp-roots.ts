/**
 * Temporary roots: what this process is about to use and nothing refers to yet. As in C++ Nix, each process
 * has a file `temproots/<pid>` with paths ended by NUL, and keeps it locked: a file that can be locked by
 * someone else belongs to a process that is gone.
 */
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import type { StorePath } from "#format";
import { lockDescriptor } from "./path-lock.ts";
import type { StorePlace } from "./place.ts";

export class TempRoots {
  readonly #file: string;
  readonly #paths = new Set<StorePath>();
  #fd: number | undefined;

  constructor(place: StorePlace) {
    this.#file = `${place.stateDir}/temproots/${process.pid}`;
  }

  add(paths: Iterable<StorePath>): void {
    const added = [...paths].filter((path) => !this.#paths.has(path));
    if (added.length === 0) return;
    writeSync(this.#open(), added.map((path) => `${path}\0`).join(""));
    for (const path of added) this.#paths.add(path);
  }

  close(): void {
    if (this.#fd === undefined) return;
    unlinkSync(this.#file);
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd;
    const fd = openSync(this.#file, "w", 0o600);
    lockDescriptor(fd, this.#file);
    this.#fd = fd;
    return fd;
  }
}
