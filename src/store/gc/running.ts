/**
 * The collections that this thread itself is running, by the store's state directory. Temporary roots that are made in
 * the same thread meanwhile go to them directly: over the socket they would wait for themselves. A fact of the thread
 * and not of one `Store`, as two of them may be open on one store.
 */
import type { StorePath } from "#format";

export interface RunningCollection {
  /** From now on this path and what it needs is alive. */
  keep(path: StorePath): void;
}

const running = new Map<string, RunningCollection>();

export function runningCollection(stateDir: string): RunningCollection | undefined {
  return running.get(stateDir);
}

/** Until disposed of. */
export function announceCollection(stateDir: string, collection: RunningCollection): Disposable {
  running.set(stateDir, collection);
  return { [Symbol.dispose]: () => void running.delete(stateDir) };
}
