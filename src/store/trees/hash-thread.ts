/**
 * SHA-256 in a thread beside the one that reads: reading, searching and hashing a large tree take about as
 * long as the slower of the two threads. Chunks are read straight into a ring of shared memory, so nothing is
 * copied or sent; both sides wait for each other with `Atomics`.
 */
import { startThread, threadModule } from "#base";
import { CHUNK_BUFFER_BYTES } from "./dump-tree.ts";
import { HASHED, RING_SLOTS, type Ring, SHA256_BYTES, SIZES, WRITTEN } from "./hash-ring.ts";
import type { ChunkHash } from "./hash-tree.ts";

/** Hashing a chunk takes milliseconds; who waits a minute for one waits for a thread that has died. */
const PATIENCE_MS = 60_000;

export class HashThread {
  readonly #ring: Ring = {
    state: new SharedArrayBuffer((SIZES + RING_SLOTS) * 4),
    chunks: new SharedArrayBuffer(RING_SLOTS * CHUNK_BUFFER_BYTES),
    digest: new SharedArrayBuffer(SHA256_BYTES),
  };
  readonly #state = new Int32Array(this.#ring.state);
  readonly #worker = startThread(threadModule("store/trees/hash-worker"), { workerData: this.#ring });

  constructor() {
    this.#worker.unref();
  }

  /** For one stream at a time, which must come to its `digest` or be given up with `abandon`. */
  begin(): ChunkHash & { abandon(): void } {
    Atomics.store(this.#state, WRITTEN, 0);
    Atomics.store(this.#state, HASHED, 0);
    this.#worker.postMessage("begin");
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      this.#waitForSlot();
      // A chunk of no bytes is the end.
      this.#push(0);
      this.#waitUntilHashed(this.#state[WRITTEN]!);
    };
    return {
      nextBuffer: () => {
        this.#waitForSlot();
        const slot = this.#state[WRITTEN]! % RING_SLOTS;
        return Buffer.from(this.#ring.chunks, slot * CHUNK_BUFFER_BYTES, CHUNK_BUFFER_BYTES);
      },
      update: (chunk) => this.#push(chunk.length),
      digest: () => {
        end();
        return Uint8Array.from(new Uint8Array(this.#ring.digest));
      },
      abandon: end,
    };
  }

  #push(size: number): void {
    this.#state[SIZES + (this.#state[WRITTEN]! % RING_SLOTS)] = size;
    Atomics.add(this.#state, WRITTEN, 1);
    Atomics.notify(this.#state, WRITTEN);
  }

  #waitForSlot(): void {
    this.#waitUntilHashed(this.#state[WRITTEN]! - RING_SLOTS + 1);
  }

  #waitUntilHashed(count: number): void {
    for (;;) {
      const hashed = Atomics.load(this.#state, HASHED);
      if (hashed >= count) return;
      if (Atomics.wait(this.#state, HASHED, hashed, PATIENCE_MS) === "timed-out") {
        throw new Error("The hashing thread does not answer");
      }
    }
  }
}
