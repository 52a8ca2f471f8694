/** A run that is ended from outside, at a moment and in a way that a seed decides. */
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "#format/testing";
import { descendants } from "./processes.ts";

export type Way =
  | "kill"
  | "kill-group"
  | "kill-descendant"
  | "kill-descendants"
  | "terminate"
  | "interrupt-group";

export const WAYS: readonly Way[] = [
  "kill",
  "kill-group",
  "kill-descendant",
  "kill-descendants",
  "terminate",
  "interrupt-group",
];

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was still running when its time came. */
  readonly wasStruck: boolean;
  readonly durationMs: number;
}

export interface Strike {
  readonly way: Way;
  readonly afterMs: number;
  readonly random: Random;
  /** Called just before. */
  readonly before: () => void;
}

/** Longer than anything here takes: who does not end by then does not end. */
const LIMIT_MS = 180_000;

/** Runs a command to its end, or to the strike. A run that only lost descendants goes on by itself. */
export async function run(command: Command, strike?: Strike): Promise<Ended> {
  const started = performance.now();
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: command.env,
    // A group of its own, which can be struck as a whole.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject);
    // Not `close`: a process that survives and holds the pipe is looked for afterwards.
    child.once("exit", (status, signal) => resolve([status, signal]));
  });
  const limit = setTimeout(() => signal(-child.pid!, "SIGKILL"), LIMIT_MS);
  let wasStruck = false;
  if (strike !== undefined) {
    const isOver = await Promise.race([ended.then(() => true), delay(strike.afterMs, false)]);
    if (!isOver) {
      strike.before();
      wasStruck = deliver(child.pid!, strike);
    }
  }
  const [status, by] = await ended;
  clearTimeout(limit);
  child.stdout.destroy();
  child.stderr.destroy();
  const durationMs = performance.now() - started;
  if (durationMs > LIMIT_MS) stderr += "\n(it did not end by itself)";
  return { status, signal: by, stdout, stderr, wasStruck, durationMs };
}

function deliver(pid: number, { way, random }: Strike): boolean {
  switch (way) {
    case "kill":
      return signal(pid, "SIGKILL");
    case "kill-group":
      return signal(-pid, "SIGKILL");
    case "terminate":
      return signal(pid, "SIGTERM");
    case "interrupt-group":
      return signal(-pid, "SIGINT");
    case "kill-descendant": {
      const all = descendants(pid);
      return signal(all.length === 0 ? pid : random.pick(all), "SIGKILL");
    }
    case "kill-descendants": {
      const some = descendants(pid).filter(() => random.chance(0.5));
      return some.map((each) => signal(each, "SIGKILL")).some(Boolean);
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    // It has just ended.
    return false;
  }
}
