/**
 * Temporary roots: what this process is about to use and nothing refers to yet. As in C++ Nix, each process has a
 * file in `temproots` with paths ended by NUL, and keeps it locked: a file that somebody else can lock belongs to a
 * process that is gone. C++ Nix names it by its process id; ours has a random part, as threads have files of their
 * own and process ids repeat between containers that share a store.
 *
 * A root counts from when `add` returns, whether or not somebody is collecting: see gc-lock.ts. Sharing the collector's
 * lock costs a process, so it is kept until this thread has nothing more to do at the moment: an evaluation that adds
 * hundreds of files pays once. As long as it is held nobody collects, so the file is written when it is given up; a
 * process that ends before never makes one.
 */
import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, unlinkSync, writeSync } from "node:fs";
import type { StorePath } from "#format";
import { fileError } from "#host";
import { lockDescriptor, tryLockDescriptor } from "../locks/flock.ts";
import type { StorePlace } from "../place/store-place.ts";
import { GcLock, gcSocketPath } from "./gc-lock.ts";
import { sendRootsToCollector } from "./root-sender.ts";
import { runningCollection } from "./running.ts";

const PAUSE_MS = 100;

export class TempRoots {
  readonly #place: StorePlace;
  readonly #paths = new Set<StorePath>();
  readonly #unwritten: StorePath[] = [];
  #file: { readonly name: string; readonly fd: number } | undefined;
  #shared: GcLock | undefined;

  constructor(place: StorePlace) {
    this.#place = place;
  }

  /**
   * For a path that is about to get a lasting root. C++ Nix's collector reads links before temporary roots, so it would
   * miss a path whose link came after the one and whose process ended before the other; told of it again, it does not.
   */
  renew(paths: readonly StorePath[]): void {
    for (const path of paths) this.#paths.delete(path);
    this.add(paths);
  }

  /** Nothing can be collected from a store that may not be written, so there it does nothing. */
  add(paths: Iterable<StorePath>): void {
    if (this.#place.readOnly) return;
    const added = [...paths].filter((path) => !this.#paths.has(path));
    if (added.length === 0) return;
    this.#keepFromCollectors(added);
    for (const path of added) {
      this.#paths.add(path);
      this.#unwritten.push(path);
    }
    if (this.#shared === undefined) this.#write();
  }

  /** Lets collectors begin. */
  release(): void {
    if (this.#shared === undefined) return;
    this.#write();
    this.#shared[Symbol.dispose]();
    this.#shared = undefined;
  }

  close(): void {
    this.#unwritten.length = 0;
    this.release();
    if (this.#file === undefined) return;
    unlinkIfThere(this.#file.name);
    closeSync(this.#file.fd);
    this.#file = undefined;
    this.#paths.clear();
  }

  #keepFromCollectors(paths: readonly StorePath[]): void {
    if (this.#shared !== undefined) return;
    const own = runningCollection(this.#place.stateDir);
    if (own !== undefined) {
      for (const path of paths) own.keep(path);
      return;
    }
    while (!this.#share()) {
      if (sendRootsToCollector(gcSocketPath(this.#place), paths)) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }

  #share(): boolean {
    const lock = new GcLock(this.#place);
    if (!tryLockDescriptor(lock.fd, lock.file, "shared")) {
      lock[Symbol.dispose]();
      return false;
    }
    this.#shared = lock;
    setImmediate(() => this.release()).unref();
    return true;
  }

  #write(): void {
    if (this.#unwritten.length === 0) return;
    this.#file ??= this.#openFile();
    writeSync(this.#file.fd, this.#unwritten.map((path) => `${path}\0`).join(""));
    this.#unwritten.length = 0;
  }

  #openFile(): { name: string; fd: number } {
    const directory = `${this.#place.stateDir}/temproots`;
    for (;;) {
      const name = `${directory}/${process.pid}-${randomBytes(4).toString("hex")}`;
      try {
        mkdirSync(directory, { recursive: true });
        const fd = openSync(name, "wx", 0o600);
        lockDescriptor(fd, name);
        // A collector that came before the lock took the file for abandoned, removed it and wrote into it.
        const { size, nlink } = fstatSync(fd);
        if (size === 0 && nlink > 0) return { name, fd };
        closeSync(fd);
      } catch (error) {
        throw fileError(error, name);
      }
    }
  }
}

function unlinkIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
