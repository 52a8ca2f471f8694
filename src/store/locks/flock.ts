/**
 * flock(2), with which C++ Nix locks everything in a store. Node has no flock. But such a lock belongs to the open
 * file, not to the process: a child that inherits our descriptor can take it, end, and leave it with us. So flock(1)
 * is run on an inherited descriptor. The kernel gives the lock up when the last descriptor closes, also after
 * `kill -9`; no process ids are guessed at, and it holds between containers. Node opens files close-on-exec, so that
 * other children do not inherit it.
 *
 * Each call costs a process, some milliseconds; a lock is given up by closing the file, which costs nothing.
 * `node:child_process` is used directly, as inheriting a descriptor is the whole point.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { CopseError } from "#base";

/** Held by many at once, or by one alone. */
export type LockMode = "shared" | "exclusive";

/** Exit code of `flock -E`: told apart from failures of flock itself. */
const TIMED_OUT = 75;
/** What flock(1) ends with when the kernel refuses: EX_OSERR and EX_DATAERR. */
const REFUSED: readonly (number | null)[] = [71, 65];
/** Of an open file, in the child. */
const CHILD_FD = "3";
const FLAGS: { readonly [M in LockMode]: string } = { shared: "-s", exclusive: "-x" };

/** Locks an open file until it is closed, waiting without letting anything else run. Throws `store-lock-timeout`. */
export function lockDescriptor(
  fd: number,
  file: string,
  options: { readonly mode?: LockMode; readonly timeoutMs?: number } = {},
): void {
  const { mode = "exclusive", timeoutMs = 600_000 } = options;
  if (run(fd, file, [FLAGS[mode], "-w", String(timeoutMs / 1000)])) return;
  throw new CopseError("store-lock-timeout", `Another process keeps this locked: \`${file}\``);
}

/** Whether an open file could be locked at once. */
export function tryLockDescriptor(fd: number, file: string, mode: LockMode = "exclusive"): boolean {
  return run(fd, file, [FLAGS[mode], "-n"]);
}

/** Waits while other things run. */
export async function waitForLock(
  fd: number,
  file: string,
  options: { readonly mode?: LockMode; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { mode = "exclusive", signal } = options;
  signal?.throwIfAborted();
  const status = await new Promise<number | null>((resolve, reject) => {
    const child: ChildProcess = spawn("flock", [FLAGS[mode], CHILD_FD], {
      stdio: ["ignore", "ignore", "ignore", fd],
    });
    const onAbort = () => child.kill("SIGKILL");
    signal?.addEventListener("abort", onAbort, { once: true });
    const settle = (finish: () => void) => {
      signal?.removeEventListener("abort", onAbort);
      finish();
    };
    child.on("error", (error) => settle(() => reject(programError(error))));
    child.on("close", (code) => settle(() => (signal?.aborted ? reject(signal.reason) : resolve(code))));
  });
  checkStatus(status, file);
}

function run(fd: number, file: string, flags: readonly string[]): boolean {
  const { status, error } = spawnSync("flock", [...flags, "-E", String(TIMED_OUT), CHILD_FD], {
    stdio: ["ignore", "ignore", "ignore", fd],
  });
  if (error !== undefined) throw programError(error);
  if (status !== TIMED_OUT) checkStatus(status, file);
  return status === 0;
}

function checkStatus(status: number | null, file: string): void {
  if (status === 0) return;
  const why = REFUSED.includes(status) ? "its file system has no locks" : "flock failed";
  throw new CopseError("store-lock-failed", `File could not be locked, ${why}: \`${file}\``, {
    hint: "a store must be on a file system that has flock(2); set COPSE_STORE to a directory on a local disk",
  });
}

function programError(cause: Error): CopseError {
  return new CopseError("program-missing", "Program not found: `flock`", {
    hint: "it is part of util-linux",
    cause,
  });
}
