/**
 * How `copse.lock` is replaced, whole, though several processes may have found something for it at the same time.
 *
 * A file beside it, made only where it is not there yet, lets one process at a time read, merge and rename: for the
 * milliseconds that this takes, not for the time of solving. Whoever is killed meanwhile leaves it behind; it is then so
 * old that the next one takes it away. Even if two did that at once, what is renamed into place is a whole lock.
 */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { CopseError } from "#base";
import { parseLock } from "./lock-reader.ts";
import { formatLock } from "./lock-writer.ts";
import { mergeLocks } from "./merge-locks.ts";

/** Nobody who lives holds it for as long. */
const ABANDONED_MS = 10_000;
const POLL_MS = 5;

export interface LockChange {
  /** What the file held when `text` was made of it; "" where there was none. */
  readonly base: string;
  readonly text: string;
}

/** What the file holds now: `text`, with what others have written since. @throws CopseError `lock-unwritable`, `lock-invalid`. */
export function writeLock(path: string, { base, text }: LockChange): string {
  try {
    using _held = hold(`${path}.saving`);
    const current = textOf(path);
    if (current === text) return text;
    const merged =
      current === base || current === ""
        ? text
        : formatLock(mergeLocks(parseLock(path, text), parseLock(path, current)));
    replace(path, merged);
    return merged;
  } catch (error) {
    if (error instanceof CopseError) throw error;
    throw new CopseError("lock-unwritable", `Lock cannot be written: \`${path}\``, { cause: error });
  }
}

function replace(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: "wx" });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function hold(file: string): Disposable {
  for (;;) {
    try {
      closeSync(openSync(file, "wx"));
      return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (made !== undefined && Date.now() - made > ABANDONED_MS) rmSync(file, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
