import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isCopseError } from "#base";
import { ByteReader, collectBytes } from "./byte-reader.ts";
import {
  EXPORT_END,
  EXPORT_NEXT,
  encodeExportedFacts,
  readExportedFacts,
  readExportNext,
} from "./export-stream.ts";
import { encodeNar, type NarTree } from "./nar.ts";
import { takeNar } from "./nar-stream.ts";
import { parseStorePath } from "./store-path.ts";
import { Random, randomPieces } from "./testing/mod.ts";

const path = (name: string) => parseStorePath(`/nix/store/0000000000000000000000000000000z-${name}`);
const readerOf = (source: Iterable<Uint8Array>) =>
  new ByteReader(source, { code: "export-invalid", format: "export" });

function randomTree(random: Random, depth = 0): NarTree {
  if (random.chance(0.2)) return { kind: "symlink", target: random.text(1 + random.below(30), "abc/.") };
  if (depth > 3 || random.chance(0.4)) {
    const contents = random.bytes(random.below(40));
    return {
      kind: "file",
      executable: random.chance(0.5),
      sizeBytes: contents.length,
      contents: () => [contents],
    };
  }
  const names = [...new Set(random.list(random.below(5), () => random.text(1 + random.below(9), "abcABC-")))];
  const entries = names.map((name) => [name, randomTree(random, depth + 1)] as const);
  return { kind: "directory", entries: () => entries };
}

function narOf(tree: NarTree): Buffer {
  return Buffer.concat(Array.from(encodeNar(tree), (chunk) => Buffer.from(chunk)));
}

describe("takeNar", () => {
  test("gives the bytes of a NAR and leaves what follows it", async () => {
    const random = new Random(11);
    for (let round = 0; round < 200; round++) {
      const nar = narOf(randomTree(random));
      const reader = readerOf(randomPieces(random, Buffer.concat([nar, Buffer.from("rest")])));
      assert.deepEqual(await collectBytes(takeNar(reader), 1 << 20), nar, `round ${round}`);
      assert.equal((await reader.read(4)).toString(), "rest");
    }
  });
});

describe("the export stream", () => {
  const facts = { path: path("b"), references: [path("a"), path("b")], deriver: path("b.drv") };
  const nar = narOf({ kind: "symlink", target: "x" });
  const stream = Buffer.concat([EXPORT_NEXT, nar, encodeExportedFacts(facts), EXPORT_END]);

  const readAll = async (bytes: Uint8Array): Promise<unknown[]> => {
    const reader = readerOf([bytes]);
    const found: unknown[] = [];
    while (await readExportNext(reader)) {
      await collectBytes(takeNar(reader), 1 << 20);
      found.push(await readExportedFacts(reader));
    }
    return found;
  };

  test("is read as it was written", async () => {
    assert.deepEqual(await readAll(stream), [facts]);
    const bare = { path: path("a"), references: [], deriver: undefined };
    const two = Buffer.concat([
      stream.subarray(0, -8),
      EXPORT_NEXT,
      nar,
      encodeExportedFacts(bare),
      EXPORT_END,
    ]);
    assert.deepEqual(await readAll(two), [facts, bare]);
  });

  test("each truncation and each changed byte is an error or other facts, never a crash", async () => {
    for (let at = 0; at < stream.length; at++) {
      const isOurs = (error: unknown) => isCopseError(error);
      await assert.rejects(readAll(stream.subarray(0, at)), isOurs, `cut at ${at}`);
      const damaged = Buffer.from(stream);
      damaged[at]! ^= 0x41;
      await readAll(damaged).catch((error) => assert.ok(isOurs(error), `changed at ${at}: ${error}`));
    }
  });
});
