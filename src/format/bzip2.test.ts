import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isCopseError } from "#base";
import { decodeBzip2 } from "./bzip2.ts";
import { findJudge } from "./testing/judges.ts";
import { Random } from "./testing/random.ts";

const { judge, reason } = findJudge("bzip2");
const LIMITS = { maxBytes: 1 << 24 };
const compress = (bytes: Uint8Array): Buffer => judge!.run(["-c"], bytes);

describe("bzip2", { skip: reason }, () => {
  const samples: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    "one byte": Buffer.from("a"),
    text: Buffer.from("building\nfoo: bar\n".repeat(400)),
    "a long run": Buffer.alloc(1_000_000, 7),
    "runs of all lengths": Buffer.concat(Array.from({ length: 300 }, (_, n) => Buffer.alloc(n, n))),
    "all bytes": Buffer.from(Array.from({ length: 256 }, (_, n) => n)),
    "several blocks": Buffer.from(Array.from({ length: 400_000 }, (_, n) => String(n * n)).join("\n")),
  };
  for (const [name, bytes] of Object.entries(samples)) {
    test(`reads ${name}`, () => assert.deepEqual(decodeBzip2(compress(bytes), LIMITS), bytes));
  }

  test("reads streams that follow each other", () => {
    const two = Buffer.concat([compress(Buffer.from("one ")), compress(Buffer.from("two"))]);
    assert.equal(decodeBzip2(two, LIMITS).toString(), "one two");
  });

  test("refuses what would become too large", () => {
    assert.throws(
      () => decodeBzip2(compress(Buffer.alloc(1_000_000)), { maxBytes: 1000 }),
      (error) => isCopseError(error, "too-large"),
    );
  });

  test("meets damage with the contents, or an error of its own", () => {
    const random = new Random(2);
    const contents = Buffer.from("some log\nof a build\n".repeat(50));
    const whole = compress(contents);
    for (let round = 0; round < 500; round++) {
      const at = random.below(whole.length);
      const damaged = round % 2 === 0 ? Buffer.from(whole) : whole.subarray(0, at);
      if (round % 2 === 0) damaged[at]! ^= 1 << random.below(8);
      try {
        // A few bits mean nothing: those that fill the last byte, and a block size that suffices.
        assert.deepEqual(decodeBzip2(damaged, LIMITS), contents);
      } catch (error) {
        assert.ok(isCopseError(error, "bzip2-invalid"), `round ${round}, at ${at}: ${error}`);
      }
    }
  });
});
