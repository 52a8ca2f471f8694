/** Chains of programs that each become the next, the last of them a builder: what they inherit, and how they end. */
import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { CopseError } from "#base";

/**
 * Descriptors that this process was started with (a lock that the user's shell holds, a pipe of make's) and
 * that every child would inherit. They cannot be closed from here, so the chain gets them as `nullFd`.
 */
export function coverInherited(stdio: (string | number)[], nullFd: number): (string | number)[] {
  const closesOnExec = 0o2000000;
  for (const name of readdirSync("/proc/self/fdinfo")) {
    const fd = Number(name);
    if (fd < stdio.length && stdio[fd] !== "ignore") continue;
    try {
      const flags = readFileSync(`/proc/self/fdinfo/${name}`, "latin1").match(/^flags:\s*([0-7]+)/m)?.[1];
      if ((Number.parseInt(flags ?? "0", 8) & closesOnExec) !== 0) continue;
    } catch {
      continue; // The descriptor by which the directory was read.
    }
    while (stdio.length <= fd) stdio.push("ignore");
    stdio[fd] = nullFd;
  }
  return stdio;
}

// Bounded: only our own tools write here, but a full pipe must not stop them.
export function collect(stream: Readable): () => string {
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    if (text.length < 65536) text += chunk.toString("utf8");
  });
  return () => text;
}

/**
 * Kills process 1 of the namespace if there is one already: then unshare returns when the kernel has ended
 * everything in it. Killing unshare alone would work too (its child gets SIGKILL), but not be waited for.
 */
export function killAll(child: ChildProcess): void {
  if (!isAlive(child)) return;
  try {
    process.kill(firstChild(child.pid) ?? child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

/**
 * Kills the builder alone, which is `depth` generations below the process that waits: nothing if it has just ended, so that
 * what is told of its end stays true.
 */
export function killBuilder(child: ChildProcess, depth: number): void {
  if (!isAlive(child)) return;
  let pid: number | undefined = child.pid;
  for (let generation = 0; generation < depth && pid !== undefined; generation++) pid = firstChild(pid);
  if (pid === undefined) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

/** Until Node has waited for it, its number is nobody else's. */
function isAlive(child: ChildProcess): child is ChildProcess & { readonly pid: number } {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function firstChild(pid: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return children === "" ? undefined : Number(children.split(" ")[0]);
  } catch {
    // The kernel may lack that file (it is optional), or the process may be gone.
    return undefined;
  }
}

/** What a starter said that never came to start a builder. */
export function setupError(troubles: string): CopseError {
  const detail = troubles.trim().split("\n").slice(-3).join("; ");
  return new CopseError("sandbox-setup", `Cannot set up the build's sandbox: \`${detail}\``, {
    hint: "`copse doctor` says what this machine allows",
  });
}
