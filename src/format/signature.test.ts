import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isCopseError } from "#base";
import { hashBytes } from "./hash.ts";
import {
  formatPublicKey,
  formatSecretKey,
  generateSecretKey,
  isSignedBy,
  parsePublicKey,
  parseSecretKey,
  publicKeyOf,
  signPath,
} from "./signature.ts";
import { parseStorePath } from "./store-path.ts";
import { findJudge } from "./testing/mod.ts";

const facts = {
  path: parseStorePath("/nix/store/00000000000000000000000000000000-a"),
  narHash: hashBytes("sha256", "contents"),
  narSize: 8,
  references: ["b", "a"].map((name) => parseStorePath(`/nix/store/0000000000000000000000000000000z-${name}`)),
};

describe("keys", () => {
  test("text and back", () => {
    const key = generateSecretKey("cache.example.org-1");
    assert.equal(formatSecretKey(parseSecretKey(formatSecretKey(key))), formatSecretKey(key));
    const publicText = formatPublicKey(publicKeyOf(key));
    assert.equal(formatPublicKey(parsePublicKey(`${publicText}\n`)), publicText);
  });

  test("refuses what is none, without repeating it", () => {
    const secret = formatSecretKey(generateSecretKey("a"));
    for (const text of [
      "",
      "a",
      ":AAAA",
      "a:",
      "a:!",
      secret.slice(0, -8),
      formatPublicKey(publicKeyOf(generateSecretKey("a"))),
    ])
      assert.throws(
        () => parseSecretKey(text),
        (error) => isCopseError(error, "key-invalid") && !error.message.includes(text || " :"),
        text,
      );
    assert.throws(
      () => parsePublicKey(secret),
      (error) => isCopseError(error, "key-invalid"),
    );
  });

  const { judge, reason } = findJudge("nix");
  test("C++ Nix derives the same public key", { skip: reason }, () => {
    const key = generateSecretKey("cache.example.org-1");
    const args = ["key", "convert-secret-to-public", "--extra-experimental-features", "nix-command"];
    const expected = judge!.run(args, Buffer.from(formatSecretKey(key))).toString();
    assert.equal(formatPublicKey(publicKeyOf(key)), expected);
  });
});

describe("signatures", () => {
  const key = generateSecretKey("one");
  const other = generateSecretKey("one");
  const signature = signPath(facts, key);

  test("the key that signed is told from another of its name", () => {
    assert.ok(isSignedBy(facts, signature, [publicKeyOf(other), publicKeyOf(key)]));
    assert.ok(!isSignedBy(facts, signature, [publicKeyOf(other)]));
    assert.ok(!isSignedBy(facts, signature, [{ ...publicKeyOf(key), name: "two" }]));
  });

  test("of other facts it is worth nothing; the order of references does not matter", () => {
    const keys = [publicKeyOf(key)];
    assert.ok(isSignedBy({ ...facts, references: [...facts.references].reverse() }, signature, keys));
    assert.ok(!isSignedBy({ ...facts, narSize: 9 }, signature, keys));
    assert.ok(!isSignedBy({ ...facts, references: facts.references.slice(1) }, signature, keys));
    assert.ok(!isSignedBy({ ...facts, narHash: hashBytes("sha256", "other") }, signature, keys));
  });

  test("what is no signature proves nothing", () => {
    for (const text of ["", "one", "one:", "one:AAAA", `one:${"!".repeat(88)}`])
      assert.ok(!isSignedBy(facts, text, [publicKeyOf(key)]), text);
  });
});
