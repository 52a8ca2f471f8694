/** Chains of programs that each become the next, the last of them a builder: what they inherit, and how they end. */
import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";

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
  // Its number may be another's by now.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  let first = "";
  try {
    first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ")[0] ?? "";
  } catch {
    // The kernel may lack that file (it is optional), or the process may be gone.
  }
  try {
    process.kill(first === "" ? child.pid : Number(first), "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}
