/**
 * Processes that outlive the command that started them, told apart from others that may get their number later.
 *
 * A service leads a session of its own, whose number is its own. A number is not given away as long as a process of
 * that session lives; so either the leader is still the process that was started (its start time says so), or it is gone
 * and whoever is left in its session was started by it.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since boot. */
  readonly startTime: string;
  readonly bootId: string;
}

interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly session: number;
  readonly startTime: string;
}

/** Undefined where the process is gone. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat && { pid, startTime: stat.startTime, bootId: bootId() };
}

/** The living processes of a service: the leader, and what it has started. */
export function livingOf(leader: ProcessIdentity): number[] {
  if (leader.bootId !== bootId()) return [];
  const now = statOf(leader.pid);
  if (now && now.startTime !== leader.startTime) return [];
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? [])
    .filter(({ session, state }) => session === leader.pid && state !== "Z")
    .map(({ pid }) => pid);
}

/** The group that the leader leads, and any other that was made in its session. */
export function signalAll(leader: ProcessIdentity, signal: NodeJS.Signals): void {
  for (const pid of livingOf(leader)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** proc(5). The name, in parentheses, may hold anything. */
function statOf(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // From `state` on: state, ppid, pgrp, session, ..., the start time is field 22 of all, so number 19 of these.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", , , session = "0"] = fields;
  return { pid, state, session: Number(session), startTime: fields[19] ?? "" };
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}
