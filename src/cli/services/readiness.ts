/** Whether a service is ready: a port is listened on, an address answers, or a command succeeds. */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "#manifest";
import type { EntryPlan } from "#sandbox/entry";

export type Ready = NonNullable<Service["ready"]>;

const POLL_MS = 100;
/** One attempt; a server that accepts and says nothing must not hold up the rest. */
const ATTEMPT_MS = 5_000;

export interface Waiting {
  readonly timeoutMs: number;
  readonly isAlive: () => boolean;
  readonly signal: AbortSignal;
  /** How the command of `ready` is run in the environment. */
  readonly commandPlan: EntryPlan | undefined;
}

export async function waitUntilReady(
  ready: Ready | undefined,
  { timeoutMs, isAlive, signal, commandPlan }: Waiting,
): Promise<"ready" | "ended" | "late"> {
  const until = performance.now() + timeoutMs;
  while (performance.now() < until) {
    signal.throwIfAborted();
    if (!isAlive()) return "ended";
    if (await isReady(ready, commandPlan)) return isAlive() ? "ready" : "ended";
    await sleep(POLL_MS);
  }
  return "late";
}

async function isReady(ready: Ready | undefined, commandPlan: EntryPlan | undefined): Promise<boolean> {
  if (!ready) {
    // What cannot even begin has ended by then.
    await sleep(3 * POLL_MS);
    return true;
  }
  if (ready.port !== undefined) return await isListening(ready.port);
  if (ready.http !== undefined) return await answers(ready.http);
  return commandPlan !== undefined && (await succeeds(commandPlan));
}

/** On this machine, by IPv4 or IPv6. */
export async function isListening(port: number): Promise<boolean> {
  return (await accepts("127.0.0.1", port)) || (await accepts("::1", port));
}

async function accepts(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ATTEMPT_MS });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(ATTEMPT_MS) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}

async function succeeds({ file, args, env }: EntryPlan): Promise<boolean> {
  return await new Promise((resolve) => {
    const child = spawn(file, args.slice(1), {
      argv0: args[0] ?? file,
      env,
      stdio: "ignore",
      timeout: ATTEMPT_MS,
      killSignal: "SIGKILL",
    });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
