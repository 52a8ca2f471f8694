import assert from "node:assert/strict";
import { test } from "node:test";
import { ReferenceScanner } from "./reference-scanner.ts";

const ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz";

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function digestOf(next: () => number): string {
  return Array.from({ length: 32 }, () => ALPHABET[Math.floor(next() * 32)]).join("");
}

test("finds what a plain search finds, wherever the pieces end", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const next = random(seed);
    const wanted = Array.from({ length: 5 }, () => digestOf(next));
    const present = wanted.filter(() => next() < 0.5);
    // Runs of the alphabet, so that matches lie within and beside what looks like one.
    const filler = () => digestOf(next).slice(0, Math.floor(next() * 32)) + (next() < 0.3 ? "\0e" : "");
    const text = present
      .map((digest) => filler() + digest.slice(0, 31) + filler() + digest + filler())
      .join("");
    const expected = wanted.filter((digest) => text.includes(digest)).sort();
    const scanner = new ReferenceScanner(wanted);
    const bytes = Buffer.from(text, "latin1");
    const buffer = Buffer.alloc(100);
    for (let at = 0; at < bytes.length; ) {
      // One buffer for all pieces, as dumping a tree does it.
      const size = bytes.copy(buffer, 0, at, at + 1 + Math.floor(next() * 90));
      scanner.update(buffer.subarray(0, size));
      at += size;
    }
    assert.deepEqual([...scanner.found].sort(), expected, `seed ${seed}`);
  }
});

test("pieces of one byte each", () => {
  const digest = "abcdfghijklmnpqrsvwxyz0123456789";
  const scanner = new ReferenceScanner([digest]);
  for (const byte of Buffer.from(`abc${digest}`)) scanner.update(Buffer.of(byte));
  assert.deepEqual([...scanner.found], [digest]);
});

test("a digest is found within a longer run", () => {
  const digest = `${"0".repeat(31)}1`;
  const scanner = new ReferenceScanner([digest]);
  scanner.update(Buffer.from(`${"0".repeat(100)}1${"0".repeat(100)}`));
  assert.deepEqual([...scanner.found], [digest]);
});
