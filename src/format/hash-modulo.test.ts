import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { collectBytes } from "./byte-reader.ts";
import { rewriteDigests } from "./digest-rewriting.ts";
import { formatHash, hashBytes } from "./hash.ts";
import { hashModulo } from "./hash-modulo.ts";
import { Random, randomPieces } from "./testing/random.ts";

const FROM = "0c4wyz3kq0000000000000000000000a";
const TO = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";

describe("rewriteDigests with positions", () => {
  test("does to chunks of any length what replacing does to the whole", async () => {
    const random = new Random(5);
    for (let round = 0; round < 200; round++) {
      const parts = random.list(random.below(12), () =>
        random.chance(0.5) ? FROM : random.text(random.below(60), "0c4wyz3kq/a-"),
      );
      const text = parts.join("");
      const positions: number[] = [];
      const pieces = randomPieces(random, Buffer.from(text));
      const stream = rewriteDigests(pieces, new Map([[FROM, TO]]), (at) => positions.push(at));
      const rewritten = (await collectBytes(stream, 1 << 20)).toString();
      assert.equal(rewritten, text.replaceAll(FROM, TO), `round ${round}`);
      assert.deepEqual(
        positions,
        [...text.matchAll(new RegExp(FROM, "g"))].map(({ index }) => index),
        `round ${round}`,
      );
    }
  });
});

describe("hashModulo", () => {
  const hash = async (text: string): Promise<string> =>
    formatHash(await hashModulo([Buffer.from(text)], FROM), "base16");

  test("without a mention it is the hash", async () => {
    assert.equal(await hash("nothing"), formatHash(hashBytes("sha256", "nothing"), "base16"));
  });
  test("the digest does not matter", async () => {
    const expected = formatHash(hashBytes("sha256", `a${"\0".repeat(32)}b`), "base16");
    assert.equal(await hash(`a${FROM}b`), expected);
  });
});
