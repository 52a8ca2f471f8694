import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, MemoryClock, nodeClock } from "./clock.ts";

const memoryClock = new MemoryClock();

// Each side, and how time passes there.
const sides: [string, Clock, (milliseconds: number) => Promise<void>][] = [
  ["node", nodeClock, (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))],
  ["memory", memoryClock, async (milliseconds) => memoryClock.advance(milliseconds)],
];

for (const [side, clock, pass] of sides) {
  test(`${side}: both kinds of time go on`, async () => {
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    await pass(20);
    assert.equal(clock.now() - now >= 15, true);
    assert.equal(clock.monotonic() - monotonic >= 15, true);
    assert.equal(clock.now() > Date.UTC(2025, 0), true);
  });

  test(`${side}: sleeps end in time, or when told to`, async () => {
    let isOver = false;
    const sleep = clock.sleep(30).then(() => {
      isOver = true;
    });
    assert.equal(isOver, false);
    await pass(40);
    await sleep;
    const abort = new AbortController();
    const aborted = clock.sleep(60_000, abort.signal);
    abort.abort(new Error("enough"));
    await assert.rejects(aborted, /enough/);
    await assert.rejects(clock.sleep(1, abort.signal), /enough/);
  });
}
