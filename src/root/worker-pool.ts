/**
 * A few worker threads for what keeps a core busy: decompressing and unpacking, merging trees, hashing them.
 *
 * A task is plain data (`RootTask`) and its answer too. Cancelling a task ends its thread, since a thread deep
 * in WebAssembly or in synchronous file calls would hear of a message too late; the next task gets a new one.
 * What a cancelled task has written is the caller's to remove.
 */
import type { Worker } from "node:worker_threads";
import { CopseError, startThread, threadModule } from "#base";
import type { RootTask, RootTaskAnswer, RootTaskResult } from "./root-task.ts";

export interface WorkerPool extends AsyncDisposable {
  run<T extends RootTask>(task: T, signal?: AbortSignal): Promise<RootTaskResult<T>>;
  close(): Promise<void>;
}

/** `size` bounds how many tasks run at once; threads are started when first needed. */
export function createWorkerPool(size: number): WorkerPool {
  return new ThreadPool(Math.max(1, size));
}

/** Runs with the pool that is given, or with one thread of its own. */
export async function withWorkerPool<T>(
  pool: WorkerPool | undefined,
  use: (pool: WorkerPool) => Promise<T>,
): Promise<T> {
  if (pool) return use(pool);
  await using own = createWorkerPool(1);
  return await use(own);
}

class ThreadPool implements WorkerPool {
  readonly #size: number;
  readonly #idle: Worker[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #closed = false;

  constructor(size: number) {
    this.#size = size;
  }

  async run<T extends RootTask>(task: T, signal?: AbortSignal): Promise<RootTaskResult<T>> {
    signal?.throwIfAborted();
    if (this.#closed) throw new Error("The worker pool is closed");
    await this.#enter(signal);
    const worker = this.#idle.pop() ?? startWorker();
    worker.ref();
    let isReusable = false;
    try {
      const answer = await ask(worker, task, signal);
      isReusable = true;
      if (answer.error) {
        const { code, message, hint } = answer.error;
        throw code === undefined ? new Error(message) : new CopseError(code, message, { hint });
      }
      return answer.result as RootTaskResult<T>;
    } finally {
      worker.unref();
      if (isReusable && !this.#closed) this.#idle.push(worker);
      else await worker.terminate();
      this.#leave();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map((worker) => worker.terminate()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    if (this.#busy < this.#size) {
      this.#busy++;
      return;
    }
    // The place is handed over by the task that ends, so `#busy` stays as it is.
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (signal?.aborted) {
      this.#leave();
      signal.throwIfAborted();
    }
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy--;
  }
}

function startWorker(): Worker {
  const worker = startThread(threadModule("root/root-worker"));
  worker.setMaxListeners(0);
  return worker;
}

function ask(worker: Worker, task: RootTask, signal: AbortSignal | undefined): Promise<RootTaskAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      signal?.removeEventListener("abort", onAbort);
      act();
    };
    const onMessage = (answer: RootTaskAnswer) => settle(() => resolve(answer));
    const onError = (error: unknown) => settle(() => reject(error));
    const onExit = (code: number) => settle(() => reject(new Error(`Worker thread ended with ${code}`)));
    const onAbort = () => settle(() => reject(signal?.reason));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    signal?.addEventListener("abort", onAbort);
    worker.postMessage(task);
  });
}
