/**
 * Threads that hash trees, so that progress is shown and builds are started meanwhile. A small tree is done at
 * once where we are: starting a thread takes longer than hashing a megabyte.
 */
import { lstatSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { type ByteString, CopseError, startThread, threadModule } from "#base";
import type { StorePath } from "#format";
import { entryKind, sortedEntries } from "./dump-tree.ts";
import { candidatesByDigest, describeTree, type HashedTree, type ScannedTree } from "./hash-tree.ts";
import { nativePath } from "./native-path.ts";
import { runTreeJob, type TreeAnswer, type TreeJob } from "./tree-job.ts";

const SMALL_BYTES = 2 * 1024 * 1024;
const SMALL_ENTRIES = 64;
const MAX_WORKERS = 8;

export interface HashOptions {
  readonly candidates?: Iterable<StorePath> | undefined;
  /** Make metadata canonical first. */
  readonly canonicalise?: boolean | undefined;
  /** Copy it there in the same pass: what was hashed is what was copied. Nothing may be there yet. */
  readonly copyTo?: ByteString | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly job: TreeJob;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (tree: ScannedTree) => void;
  readonly reject: (error: unknown) => void;
}

export class TreeWorkers {
  readonly #limit: number;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #queue: Waiting[] = [];

  constructor(limit: number = Math.min(MAX_WORKERS, availableParallelism())) {
    this.#limit = Math.max(1, limit);
  }

  async hashTree(path: ByteString, options: HashOptions = {}): Promise<HashedTree> {
    options.signal?.throwIfAborted();
    const byDigest = candidatesByDigest(options.candidates ?? []);
    const { canonicalise = false, copyTo } = options;
    const job = { path, digests: [...byDigest.keys()], canonicalise, copyTo };
    const tree = isSmallTree(path) ? runTreeJob(job) : await this.#send(job, options.signal);
    return describeTree(tree, byDigest);
  }

  async close(): Promise<void> {
    for (const waiting of this.#queue.splice(0)) waiting.reject(new Error("Tree workers were closed"));
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #send(job: TreeJob, signal: AbortSignal | undefined): Promise<ScannedTree> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, signal, resolve, reject });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? (this.#all.size < this.#limit ? this.#start() : undefined);
      if (worker === undefined) return;
      this.#run(worker, this.#queue.shift()!);
    }
  }

  #start(): Worker {
    const worker = startThread(threadModule("store/trees/tree-worker"));
    this.#all.add(worker);
    worker.on("exit", () => this.#all.delete(worker));
    return worker;
  }

  #run(worker: Worker, waiting: Waiting): void {
    const { signal } = waiting;
    // An idle worker must not keep the process alive; one at work must.
    worker.ref();
    const finish = (settle: () => void, reusable: boolean) => {
      signal?.removeEventListener("abort", onAbort);
      worker.removeAllListeners("message").removeAllListeners("error");
      if (reusable) {
        worker.unref();
        this.#idle.push(worker);
      } else {
        this.#all.delete(worker);
        void worker.terminate();
      }
      settle();
      this.#dispatch();
    };
    const onAbort = () => finish(() => waiting.reject(signal?.reason), false);
    if (signal?.aborted) {
      finish(() => waiting.reject(signal.reason), true);
      return;
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    worker.on("message", (answer: TreeAnswer) => finish(() => settleWith(waiting, answer), true));
    worker.on("error", (error) => finish(() => waiting.reject(error), false));
    worker.postMessage(waiting.job);
  }
}

function settleWith(waiting: Waiting, answer: TreeAnswer): void {
  switch (answer.kind) {
    case "done":
      waiting.resolve(answer.tree);
      break;
    case "failed":
      waiting.reject(new CopseError(answer.code, answer.message, { hint: answer.hint }));
      break;
    case "crashed":
      waiting.reject(new Error(`Tree worker failed: ${answer.message}`));
      break;
  }
}

/** Looks at a bounded number of entries only. */
export function isSmallTree(path: ByteString): boolean {
  const open = [path];
  let bytes = 0;
  let entries = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const info = lstatSync(nativePath(next), { throwIfNoEntry: false });
    if (info === undefined) continue;
    entries++;
    const kind = entryKind(info);
    if (kind === "regular") bytes += info.size;
    if (kind === "directory") for (const { name } of sortedEntries(next)) open.push(`${next}/${name}`);
    if (bytes > SMALL_BYTES || entries + open.length > SMALL_ENTRIES) return false;
  }
  return true;
}
