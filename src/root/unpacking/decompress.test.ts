import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { isCopseError } from "#base";
import { type DecompressOptions, decompress, sniffCompression } from "./decompress.ts";
import { findXzProgram } from "./unpack-deb.ts";

const xzProgram = findXzProgram(process.env["PATH"]);
const skipXz = xzProgram === undefined ? "the judge `xz` is missing: install xz-utils" : false;

/** In chunks of uneven sizes, so that nothing depends on where they end. */
async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 3) % 70_001) {
    yield bytes.subarray(at, at + size);
  }
}

async function decompressed(bytes: Uint8Array, options?: DecompressOptions): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of decompress(chunks(bytes), options)) parts.push(chunk);
  return Buffer.concat(parts);
}

function xz(bytes: Uint8Array, ...args: string[]): Buffer {
  const run = spawnSync(xzProgram as string, ["-c", ...args], { input: bytes, maxBuffer: 1 << 30 });
  assert.equal(run.status, 0, String(run.stderr));
  return run.stdout;
}

const samples: readonly (readonly [string, Buffer])[] = [
  ["nothing", Buffer.alloc(0)],
  ["a word", Buffer.from("hello")],
  ["zeros", Buffer.alloc(3_000_000)],
  ["noise", randomBytes(700_000)],
  ["text", Buffer.from("All happy families are alike. ".repeat(40_000))],
];

test("what is compressed is told by its first bytes", async () => {
  for (const [name, bytes] of samples) {
    assert.deepEqual(await decompressed(bytes), bytes, `${name}, uncompressed`);
    assert.deepEqual(await decompressed(gzipSync(bytes)), bytes, `${name}, gzip`);
    assert.deepEqual(await decompressed(zstdCompressSync(bytes)), bytes, `${name}, zstd`);
  }
  assert.equal(sniffCompression(Buffer.from([0xfd])), "none");
});

test("xz by WebAssembly and by the program gives what xz was given", { skip: skipXz }, async () => {
  for (const [name, bytes] of samples) {
    for (const args of [["-6"], ["-0", "--check=crc32"], ["-T2", "--block-size=100000"]]) {
      const compressed = xz(bytes, ...args);
      assert.deepEqual(await decompressed(compressed), bytes, `${name}, ${args.join(" ")}`);
      const options = { xzProgram, sizeBytes: 1 << 30 };
      assert.deepEqual(await decompressed(compressed, options), bytes, `${name}, ${args.join(" ")}, program`);
    }
  }
});

test("damaged data is an error and never an endless wait", { skip: skipXz }, async () => {
  const bytes = samples.at(-1)?.[1] as Buffer;
  // zstd has a checksum only where it is asked for one.
  const zstd = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const whole = [gzipSync(bytes), zstd, xz(bytes)];
  for (const compressed of whole) {
    const flipped = Buffer.from(compressed);
    flipped[flipped.length >> 1]! ^= 0x55;
    for (const damaged of [
      compressed.subarray(0, compressed.length - 20),
      compressed.subarray(0, 10),
      flipped,
    ]) {
      const refused = (error: unknown) => isCopseError(error, "decompression-failed");
      await assert.rejects(decompressed(damaged), refused);
      if (compressed === whole[2])
        await assert.rejects(decompressed(damaged, { xzProgram, sizeBytes: 1 << 30 }), refused);
    }
  }
  // The decoder is still good for the next input.
  assert.deepEqual(await decompressed(xz(bytes)), bytes);
});

test("a reader that stops early stops the decoder", { skip: skipXz }, async () => {
  const compressed = xz(samples[2]?.[1] as Buffer);
  for (const options of [{}, { xzProgram, sizeBytes: 1 << 30 }]) {
    for await (const chunk of decompress(chunks(compressed), options)) {
      assert.ok(chunk.length > 0);
      break;
    }
  }
  assert.equal((await decompressed(compressed)).length, 3_000_000);
});
