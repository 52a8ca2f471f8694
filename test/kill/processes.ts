/** The processes of a run: its descendants while it lives, and what is left of it when it is gone. */
import { readdirSync, readFileSync } from "node:fs";

function processes(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    // It is gone, or another user's.
    return "";
  }
}

/** State and parent; the name between them may hold anything, so fields count from its end. */
function status(pid: number): { readonly state: string; readonly parent: number } {
  const [state = "", parent = "0"] = read(pid, "stat").split(") ").at(-1)!.split(" ");
  return { state, parent: Number(parent) };
}

export function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of processes()) {
    const { parent } = status(pid);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  const queue = [...(children.get(root) ?? [])];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    found.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return found;
}

/**
 * Running processes that have to do with a folder: it is in their command or environment, or they are in a namespace
 * where something of it is mounted, as builders are, which get neither from their caller.
 */
export function processesOf(folder: string): number[] {
  return processes().filter((pid) => {
    if (pid === process.pid) return false;
    const traces = [read(pid, "cmdline"), read(pid, "environ"), read(pid, "mountinfo")];
    // What has ended but was not waited for is nobody's any more.
    return traces.some((text) => text.includes(folder)) && status(pid).state !== "Z";
  });
}

export function describe(pid: number): string {
  return `${pid} (parent ${status(pid).parent}): ${read(pid, "cmdline").replaceAll("\0", " ").trim()}`;
}
