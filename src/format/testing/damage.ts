/** For tests: input that is nearly valid, which finds more in a decoder than noise does. */
import type { Random } from "./random.ts";

/** How often a fuzz test runs: `usual` in the test suite, $COPSE_FUZZ times that for somebody who waits. */
export function fuzzRuns(usual: number): number {
  return usual * Number(process.env["COPSE_FUZZ"] ?? 1);
}

/** Changes, inserts, removes, doubles or cuts, in a few places. */
export function damage(random: Random, bytes: Buffer): Buffer {
  let result = bytes;
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(result.length + 1);
    const before = result.subarray(0, at);
    const after = result.subarray(at);
    switch (random.below(6)) {
      case 0:
        result = Buffer.concat([before, random.bytes(1), after.subarray(1)]);
        break;
      case 1:
        result = Buffer.concat([before, random.bytes(1 + random.below(3)), after]);
        break;
      case 2:
        result = Buffer.concat([before, after.subarray(random.below(20))]);
        break;
      case 3:
        result = Buffer.concat([before, after.subarray(0, random.below(600)), after]);
        break;
      case 4:
        result = before;
        break;
      default:
        result = Buffer.concat([
          before,
          Buffer.from(random.pick(["\xff".repeat(8), "\0", "/", "..", "\n", '"', "\\"]), "latin1"),
          after.subarray(1),
        ]);
    }
  }
  return result;
}
