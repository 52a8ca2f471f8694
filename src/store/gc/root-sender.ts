/**
 * Telling a collector at work about temporary roots, from code that cannot wait: a thread talks to its socket (see
 * gc-lock.ts) while the caller sleeps on a flag in shared memory.
 */
import { startThread, threadModule } from "#base";
import type { StorePath } from "#format";
import { ANSWER_ACKNOWLEDGED, type SendRequest } from "./send-request.ts";

/** A collector answers between two deletions of paths, and a path can be large. */
const PATIENCE_MS = 600_000;

/** False where no collector answers: it has ended, or does not listen yet. */
export function sendRootsToCollector(socketPath: string, paths: readonly StorePath[]): boolean {
  const answer = new Int32Array(new SharedArrayBuffer(4));
  const request: SendRequest = { socketPath, paths, answer };
  const worker = startThread(threadModule("store/gc/root-sender-worker"), { workerData: request });
  try {
    if (Atomics.wait(answer, 0, 0, PATIENCE_MS) === "timed-out") {
      throw new Error("The garbage collector does not answer");
    }
    return answer[0] === ANSWER_ACKNOWLEDGED;
  } finally {
    void worker.terminate();
  }
}
