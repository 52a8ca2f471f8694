/**
 * A worker thread: makes a tree's metadata canonical where asked to, then hashes and scans it, the hashing in
 * a thread of its own.
 */
import { availableParallelism } from "node:os";
import { parentPort } from "node:worker_threads";
import { isCopseError, textFromByteString } from "#base";
import { fileError } from "#host";
import { HashThread } from "./hash-thread.ts";
import { runTreeJob, type TreeAnswer, type TreeJob } from "./tree-job.ts";

let hashThread: HashThread | undefined;

parentPort?.on("message", (job: TreeJob) => {
  if (availableParallelism() > 1) hashThread ??= new HashThread();
  parentPort?.postMessage(answer(job));
});

// Errors lose their class between threads, so their parts are sent.
function answer(job: TreeJob): TreeAnswer {
  try {
    return { kind: "done", tree: runTreeJob(job, hashThread) };
  } catch (thrown) {
    const { path = textFromByteString(job.path) } = thrown as NodeJS.ErrnoException;
    const error = fileError(thrown, path);
    if (isCopseError(error)) {
      return { kind: "failed", code: error.code, message: error.message, hint: error.hint };
    }
    return { kind: "crashed", message: String(error instanceof Error ? (error.stack ?? error) : error) };
  }
}
