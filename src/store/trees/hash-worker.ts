/** The thread that hashes: see hash-thread.ts. */
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { HASHED, RING_SLOTS, type Ring, SIZES, WRITTEN } from "./hash-ring.ts";

function hashStream({ state: shared, chunks, digest }: Ring): void {
  const state = new Int32Array(shared);
  const slotBytes = chunks.byteLength / RING_SLOTS;
  const hash = createHash("sha256");
  for (let count = 0; ; count++) {
    while (Atomics.load(state, WRITTEN) === count) Atomics.wait(state, WRITTEN, count);
    const slot = count % RING_SLOTS;
    const size = state[SIZES + slot]!;
    if (size > 0) hash.update(new Uint8Array(chunks, slot * slotBytes, size));
    else new Uint8Array(digest).set(hash.digest());
    Atomics.add(state, HASHED, 1);
    Atomics.notify(state, HASHED);
    if (size === 0) return;
  }
}

parentPort?.on("message", () => hashStream(workerData as Ring));
