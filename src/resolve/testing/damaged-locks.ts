/** For tests: locks with one place damaged, which are read, or refused as what they are. */
import assert from "node:assert/strict";
import { isCopseError } from "#base";
import { fuzzRuns } from "#format/testing";
import { parseLock } from "../lock-reader.ts";

const PUT_IN = ['"', "{", "}", ",", "x", "", "\\", "\u0000", "é"];

export function checkDamagedLocks(
  good: string,
  { seed, rounds }: { readonly seed: number; readonly rounds: number },
): void {
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < fuzzRuns(rounds); round++) {
    const at = random(good.length);
    const text = good.slice(0, at) + PUT_IN[random(PUT_IN.length)] + good.slice(at + random(3));
    try {
      parseLock("copse.lock", text);
    } catch (error) {
      const isTold = isCopseError(error, "lock-invalid") || isCopseError(error, "lock-version");
      assert.ok(isTold, `round ${round}: ${String(error)}`);
    }
  }
}
