/** Stopping a service: all of its session is asked to end, and after a while made to. */
import { setTimeout as sleep } from "node:timers/promises";
import { livingOf, signalAll } from "./processes.ts";
import type { ServiceState } from "./state.ts";

const GRACE_MS = 10_000;
const POLL_MS = 50;

/** False where nothing of it was running. */
export async function stopService(state: ServiceState, name: string): Promise<boolean> {
  const record = state.record(name);
  if (!record) return false;
  const wasRunning = livingOf(record).length > 0;
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    signalAll(record, signal);
    const until = performance.now() + GRACE_MS;
    while (livingOf(record).length > 0 && performance.now() < until) await sleep(POLL_MS);
    if (livingOf(record).length === 0) break;
  }
  state.forget(name);
  return wasRunning;
}
