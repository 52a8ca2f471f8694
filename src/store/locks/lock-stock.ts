/**
 * Locks in stock: files without a path to protect yet, that this process has locked already. flock(2) is a lock on a
 * file, whatever its name, so to lock a path that nobody else has locked takes no more than to give such a file the
 * name `<path>.lock` (link(2), which fails where the name is taken). A thousand builds then cost a few dozen
 * processes for locking, and a process that locks once costs one as before.
 *
 * The kernel holds these locks for the descriptors of this very process, and gives them up when it ends, however it
 * does. The files wait in the process's own folder of unfinished files, which collectors clear when it is gone.
 */
import { spawn } from "node:child_process";
import { closeSync, constants, linkSync, openSync, unlinkSync } from "node:fs";

/** Doubled at each filling, so that at most as many are in vain as were of use. */
const FIRST_FILLING = 1;
const LARGEST_FILLING = 32;

/** Locks what it inherits as 3, 4, … : the files are its arguments only to be counted. */
const LOCK_ALL = 'fd=3; for file; do flock -n -x "$fd" || exit 1; fd=$((fd + 1)); done';

interface LockedFile {
  readonly fd: number;
  readonly path: string;
}

export class LockStock implements Disposable {
  readonly #freshPath: () => string;
  readonly #ready: LockedFile[] = [];
  #filling: Promise<void> | undefined;
  #size = FIRST_FILLING;
  #isUsable = true;

  /** `freshPath` gives names where nothing is, on the file system of what is going to be locked. */
  constructor(freshPath: () => string) {
    this.#freshPath = freshPath;
  }

  /**
   * Makes `file`, locked, and returns its descriptor. Undefined where the file exists already, so that its lock must
   * be waited for, and where nothing can be kept in stock: then its caller will learn why.
   */
  async take(file: string): Promise<number | undefined> {
    while (this.#isUsable) {
      const locked = this.#ready.pop();
      if (locked) return this.#use(locked, file);
      this.#filling ??= this.#fill().finally(() => (this.#filling = undefined));
      await this.#filling;
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#isUsable = false;
    this.#ready.splice(0).forEach(remove);
  }

  #use(locked: LockedFile, file: string): number | undefined {
    try {
      linkSync(locked.path, file);
    } catch (error) {
      this.#ready.push(locked);
      // A file system without hard links, a store that may not be written to, ...
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") this[Symbol.dispose]();
      return undefined;
    }
    unlinkSync(locked.path);
    return locked.fd;
  }

  async #fill(): Promise<void> {
    const files: LockedFile[] = [];
    let isLocked = false;
    try {
      for (let count = 0; count < this.#size; count++) files.push(make(this.#freshPath()));
      isLocked = await lockAll(files);
    } catch {
      // Out of descriptors, a full disk: the ordinary way says what it is if it meets it, too.
    }
    if (isLocked && this.#isUsable) this.#ready.push(...files);
    else {
      this.#isUsable = false;
      files.forEach(remove);
    }
    this.#size = Math.min(2 * this.#size, LARGEST_FILLING);
  }
}

function make(path: string): LockedFile {
  return { path, fd: openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600) };
}

function remove({ fd, path }: LockedFile): void {
  closeSync(fd);
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function lockAll(files: readonly LockedFile[]): Promise<boolean> {
  const child = spawn("/bin/sh", ["-c", LOCK_ALL, "sh", ...files.map(({ path }) => path)], {
    stdio: ["ignore", "ignore", "ignore", ...files.map(({ fd }) => fd)],
  });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
}
