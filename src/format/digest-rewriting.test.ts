import assert from "node:assert/strict";
import { test } from "node:test";
import { rewriteDigests } from "./digest-rewriting.ts";

const A = "a".repeat(32);
const B = "0123456789abcdfghijklmnpqrsvwxyz";
const C = "zyxwvsrqpnmlkjihgfdcba9876543210";

async function rewritten(text: string, pieceLength: number): Promise<string> {
  const bytes = Buffer.from(text, "latin1");
  const pieces = [];
  for (let at = 0; at < bytes.length; at += pieceLength) pieces.push(bytes.subarray(at, at + pieceLength));
  const out: Uint8Array[] = [];
  for await (const chunk of rewriteDigests(
    pieces,
    new Map([
      [B, C],
      [A, B],
    ]),
  ))
    out.push(Buffer.from(chunk));
  return Buffer.concat(out).toString("latin1");
}

test("digests are found wherever the pieces end", async () => {
  const text = `${B}x/nix/store/${A}-name\xff${B}${B}${B.slice(0, 31)}`;
  const expected = `${C}x/nix/store/${B}-name\xff${C}${C}${B.slice(0, 31)}`;
  for (let length = 1; length < 80; length++)
    assert.equal(await rewritten(text, length), expected, `pieces of ${length}`);
  assert.equal(await rewritten("", 5), "");
});
