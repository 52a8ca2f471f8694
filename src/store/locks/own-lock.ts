/**
 * Locks among copse's own processes, for what no other Nix builds: taking one costs no process, and a plan of
 * a thousand fetches and unpackings takes a thousand.
 *
 * A lock is an exclusive transaction on an empty SQLite file, which is a POSIX record lock: the kernel gives it up
 * when its holder dies, however it dies. The files stay, empty and few bytes of directory each: removing them
 * safely would cost more than they do.
 */
import { mkdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 250;
/** SQLite's result code for a lock that somebody else holds. */
const SQLITE_BUSY = 5;

/** Waits for all of the locks, in one order for everybody. `names` are file names below `directory`. */
export async function lockAmongOwn(
  directory: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Disposable> {
  mkdirSync(directory, { recursive: true });
  const held = new DisposableStack();
  try {
    for (const name of [...new Set(names)].sort()) {
      const database = new DatabaseSync(`${directory}/${name}.lock`);
      held.defer(() => database.close());
      for (let waitMs = FIRST_WAIT_MS; !tryLock(database); waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
        await sleep(waitMs, undefined, { ...(signal && { signal }) });
      }
    }
    return held;
  } catch (error) {
    held.dispose();
    throw error;
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if ((error as { errcode?: unknown }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
