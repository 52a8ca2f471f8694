import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeNix32, encodeNix32, nix32Length } from "./nix32.ts";
import { Random } from "./testing/random.ts";

test("bytes of every length come back", () => {
  const random = new Random(1);
  for (let length = 0; length < 70; length++) {
    const bytes = random.bytes(length);
    const text = encodeNix32(bytes);
    assert.equal(text.length, nix32Length(length));
    assert.deepEqual(Buffer.from(decodeNix32(text)), bytes, text);
  }
});

test("text that no bytes encode to is refused", () => {
  const refused = [
    ["z", "no byte takes one character"],
    ["zzz", "nor do any take three"],
    ["8z", "bits beyond the byte"],
    ["0e", "e is not in the alphabet"],
    ["0Z", "nor are capitals"],
    ["0é", "nor is what lies beyond ASCII"],
  ] as const;
  for (const [text, why] of refused)
    assert.throws(() => decodeNix32(text), { code: "nix32-invalid" }, `${text}: ${why}`);
  assert.deepEqual([...decodeNix32("7z")], [255]);
});
