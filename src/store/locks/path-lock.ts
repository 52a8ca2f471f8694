/**
 * Locks on store paths: the file `<real path>.lock`, locked with flock(2), which is what C++ Nix does.
 *
 * The holder removes the file when done and writes a byte into it. Who waited for the removed file sees that
 * byte, or that it has no link left (when the holder died in between), and starts over with a new one.
 */
import { closeSync, constants, fstatSync, openSync, unlinkSync, writeSync } from "node:fs";
import { fileError } from "#host";
import { lockDescriptor, waitForLock } from "./flock.ts";
import type { LockStock } from "./lock-stock.ts";

const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/** Held until disposed of. */
export class PathLock implements Disposable {
  readonly #held: { readonly fd: number; readonly file: string }[];

  constructor(held: { readonly fd: number; readonly file: string }[]) {
    this.#held = held;
  }

  [Symbol.dispose](): void {
    for (const { fd, file } of this.#held.splice(0).reverse()) release(fd, file);
  }
}

/**
 * Waits for all of the locks. They are taken in one order by everyone, so that two cannot wait for each other. With a
 * stock, those that nobody else has cost no process each.
 */
export async function lockPaths(
  realPaths: readonly string[],
  signal?: AbortSignal,
  stock?: LockStock,
): Promise<PathLock> {
  const held: { fd: number; file: string }[] = [];
  const lock = new PathLock(held);
  try {
    for (const path of [...new Set(realPaths)].sort()) {
      const file = `${path}.lock`;
      signal?.throwIfAborted();
      held.push({ fd: (await stock?.take(file)) ?? (await acquire(file, signal)), file });
    }
    return lock;
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/** The same for the evaluator, which cannot wait otherwise. Throws CopseError `store-lock-timeout`. */
export function lockPathSync(realPath: string, timeoutMs = 600_000): PathLock {
  const file = `${realPath}.lock`;
  for (;;) {
    const fd = open(file);
    try {
      lockDescriptor(fd, file, { timeoutMs });
      if (isCurrent(fd)) return new PathLock([{ fd, file }]);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

async function acquire(file: string, signal: AbortSignal | undefined): Promise<number> {
  for (;;) {
    signal?.throwIfAborted();
    const fd = open(file);
    try {
      await waitForLock(fd, file, { signal });
      if (isCurrent(fd)) return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

function open(file: string): number {
  try {
    return openSync(file, OPEN_FLAGS, 0o600);
  } catch (error) {
    throw fileError(error, file);
  }
}

function isCurrent(fd: number): boolean {
  const { size, nlink } = fstatSync(fd);
  return size === 0 && nlink > 0;
}

function release(fd: number, file: string): void {
  try {
    unlinkSync(file);
    writeSync(fd, "d");
  } catch (error) {
    // Someone removed the file, or the disk is full: who waits sees it by the link count.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOSPC" && code !== "EDQUOT") throw error;
  } finally {
    closeSync(fd);
  }
}
