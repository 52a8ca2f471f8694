/**
 * Locks on store paths: the file `<real path>.lock`, locked with flock(2), which is what C++ Nix does.
 *
 * Node has no flock. But such a lock belongs to the open file, not to the process: a child that inherits our
 * descriptor can take it, end, and leave it with us. So flock(1) is run on an inherited descriptor. The kernel
 * gives the lock up when the last descriptor closes, also after `kill -9`; no process ids are guessed at, and
 * it holds between containers. Node opens files close-on-exec, so that other children do not inherit it.
 *
 * The holder removes the file when done and writes a byte into it. Who waited for the removed file sees that
 * byte, or that it has no link left (when the holder died in between), and starts over with a new one.
 *
 * `node:child_process` is used directly, as inheriting a descriptor is the whole point.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, unlinkSync, writeSync } from "node:fs";
import { CopseError } from "#base";

const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
// Exit code of `flock -E`: told apart from failures of flock itself.
const TIMED_OUT = 75;

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

/** Waits for all of the locks. They are taken in one order by everyone, so that two cannot wait for each other. */
export async function lockPaths(realPaths: readonly string[], signal?: AbortSignal): Promise<PathLock> {
  const held: { fd: number; file: string }[] = [];
  const lock = new PathLock(held);
  try {
    for (const path of [...new Set(realPaths)].sort()) {
      const file = `${path}.lock`;
      held.push({ fd: await acquire(file, signal), file });
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
    const fd = openSync(file, OPEN_FLAGS, 0o600);
    try {
      lockDescriptor(fd, file, timeoutMs);
      if (isCurrent(fd)) return new PathLock([{ fd, file }]);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

/** Locks an open file until it is closed, waiting without letting anything else run. */
export function lockDescriptor(fd: number, file: string, timeoutMs = 600_000): void {
  const args = ["-x", "-E", String(TIMED_OUT), "-w", String(timeoutMs / 1000), "3"];
  const { status, error } = spawnSync("flock", args, { stdio: ["ignore", "ignore", "ignore", fd] });
  if (error !== undefined) throw flockError(error);
  checkStatus(status, file);
}

/** Whether an open file could be locked at once. */
export function tryLockDescriptor(fd: number, file: string): boolean {
  const args = ["-x", "-n", "-E", String(TIMED_OUT), "3"];
  const { status, error } = spawnSync("flock", args, { stdio: ["ignore", "ignore", "ignore", fd] });
  if (error !== undefined) throw flockError(error);
  if (status !== TIMED_OUT) checkStatus(status, file);
  return status === 0;
}

async function acquire(file: string, signal: AbortSignal | undefined): Promise<number> {
  for (;;) {
    signal?.throwIfAborted();
    const fd = openSync(file, OPEN_FLAGS, 0o600);
    try {
      checkStatus(await runFlock(fd, signal), file);
      if (isCurrent(fd)) return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

function runFlock(fd: number, signal: AbortSignal | undefined): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn("flock", ["-x", "3"], { stdio: ["ignore", "ignore", "ignore", fd] });
    const onAbort = () => child.kill("SIGKILL");
    signal?.addEventListener("abort", onAbort, { once: true });
    const settle = (finish: () => void) => {
      signal?.removeEventListener("abort", onAbort);
      finish();
    };
    child.on("error", (error) => settle(() => reject(flockError(error))));
    child.on("close", (code) => settle(() => (signal?.aborted ? reject(signal.reason) : resolve(code))));
  });
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

function checkStatus(status: number | null, file: string): void {
  if (status === 0) return;
  if (status === TIMED_OUT) {
    throw new CopseError("store-lock-timeout", `Another process keeps this store path locked: \`${file}\``);
  }
  throw new CopseError("store-lock-failed", `Store path could not be locked: \`${file}\``, {
    hint: "the store must be on a file system that has flock",
  });
}

function flockError(cause: Error): CopseError {
  return new CopseError("program-missing", "Program not found: `flock`", {
    hint: "it is part of util-linux",
    cause,
  });
}
