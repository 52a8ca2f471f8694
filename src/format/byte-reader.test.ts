import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader, ByteSection, collectBytes } from "./byte-reader.ts";
import { fuzzRuns } from "./testing/damage.ts";
import { Random, randomPieces } from "./testing/random.ts";

const OPTIONS = { code: "x-invalid", format: "thing" };

async function* slowly(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await null;
    yield piece;
  }
}

/** One random read, whichever of the reader's ways, of bytes that are known. */
async function readOnce(reader: ByteReader, random: Random, rest: Buffer): Promise<number> {
  const count = random.below(Math.min(rest.length, random.pick([10, 400, 9000])) + 1);
  const expected = rest.subarray(0, count);
  switch (random.below(7)) {
    case 0:
      assert.deepEqual(await reader.read(count), expected);
      return count;
    case 1:
      await reader.skip(count);
      return count;
    case 2:
      await reader.need(count);
      assert.ok(reader.has(count));
      assert.equal(reader.takeString(count), expected.toString("latin1"));
      return count;
    case 3: {
      await reader.need(count);
      const isSame = random.chance(0.7) || count === 0;
      const other = Buffer.from(expected);
      if (!isSame) other[random.below(count)]! ^= 1;
      assert.equal(reader.takeIfEqual(other), isSame);
      return count;
    }
    case 4: {
      const section = new ByteSection(reader, count);
      const chunks: Uint8Array[] = [];
      for await (const chunk of section) {
        chunks.push(Buffer.from(chunk));
        if (random.chance(0.1)) break;
      }
      await section.finish();
      const seen = Buffer.concat(chunks);
      assert.deepEqual(seen, expected.subarray(0, seen.length));
      return count;
    }
    case 5: {
      if (rest.length === 0) return 0;
      const some = await reader.readSome(1 + count);
      assert.ok(some.length >= 1 && some.length <= 1 + count);
      assert.deepEqual(some, rest.subarray(0, some.length));
      return some.length;
    }
    default: {
      if (rest.length < 8) return 0;
      await reader.need(8);
      assert.equal(reader.takeUint64(), Number(rest.readBigUInt64LE(0)));
      return 8;
    }
  }
}

test("any way of reading gives the bytes in order, however they come", async () => {
  const random = new Random(31);
  for (let run = 0; run < fuzzRuns(150); run++) {
    const bytes = random.bytes(random.below(40_000));
    const pieces = randomPieces(random, bytes);
    const reader = new ByteReader(random.chance(0.5) ? slowly(pieces) : pieces, OPTIONS);
    while (reader.position < bytes.length) {
      const before = reader.position;
      const count = await readOnce(reader, random, bytes.subarray(before));
      assert.equal(reader.position, before + count);
    }
    assert.ok(await reader.atEnd());
  }
});

test("a source that ends too early is an error that says where", async () => {
  const reader = new ByteReader([Buffer.from("abc"), Buffer.from("de")], OPTIONS);
  await reader.read(2);
  await assert.rejects(reader.read(4), { code: "x-invalid", message: /4 bytes expected, 3 left at byte 2/ });
  assert.equal((await reader.read(3)).toString(), "cde");
  await assert.rejects(reader.readSome(1), { code: "x-invalid" });
});

test("a source is told that nobody reads on, once", async () => {
  let returned = 0;
  const source = {
    [Symbol.iterator]: () => ({
      next: () => ({ done: false as const, value: Buffer.from("x") }),
      return: () => {
        returned += 1;
        return { done: true as const, value: undefined };
      },
    }),
  };
  const reader = new ByteReader(source, OPTIONS);
  await reader.read(3);
  await reader.close();
  await reader.close();
  assert.equal(returned, 1);
});

test("no more is collected than allowed", async () => {
  assert.equal((await collectBytes([Buffer.from("ab"), Buffer.from("c")], 3)).toString(), "abc");
  await assert.rejects(collectBytes([Buffer.from("ab"), Buffer.from("cd")], 3), { code: "too-large" });
});
