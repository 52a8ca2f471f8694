/**
 * Threads that start as fast as the process: Node loads a thread's modules without V8's code cache unless the thread's
 * environment names it, and gives a thread's young objects a few megabytes, which it then collects all the time.
 */
import type { Worker, WorkerOptions } from "node:worker_threads";

/** Taken out of the environment at once: nothing that the programs we start should inherit. */
const codeCache = process.env["NODE_COMPILE_CACHE"];
delete process.env["NODE_COMPILE_CACHE"];

const YOUNG_GENERATION_MB = 128;

export function startThread(module: URL, options: WorkerOptions = {}): Worker {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  return new Worker(module, {
    ...options,
    env: { ...process.env, ...(codeCache === undefined ? {} : { NODE_COMPILE_CACHE: codeCache }) },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB, ...options.resourceLimits },
  });
}
