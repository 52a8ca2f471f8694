import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  createHasher,
  formatHash,
  formatPrefixedHash,
  type HashAlgorithm,
  type HashForm,
  hashBytes,
  hashesEqual,
  parseHash,
} from "./hash.ts";
import { findJudge } from "./testing/judges.ts";
import { Random } from "./testing/random.ts";

const ALGORITHMS: readonly HashAlgorithm[] = ["md5", "sha1", "sha256", "sha512"];
const FORMS: readonly HashForm[] = ["base16", "nix32", "base64", "sri"];
const nixHash = findJudge("nix-hash");

test("digests are those of Node's crypto, at once and in pieces", () => {
  const random = new Random(2);
  for (const algorithm of ALGORITHMS) {
    for (const length of [0, 1, 63, 64, 65, 5000]) {
      const bytes = random.bytes(length);
      const expected = createHash(algorithm).update(bytes).digest("hex");
      assert.equal(formatHash(hashBytes(algorithm, bytes), "base16"), expected);
      assert.equal(formatHash(hashBytes(algorithm, bytes.toString("latin1")), "base16"), expected);
      const hasher = createHasher(algorithm);
      hasher.update(bytes.subarray(0, 10));
      hasher.update(bytes.subarray(10));
      assert.equal(formatHash(hasher.digest(), "base16"), expected);
    }
  }
});

test("every form comes back, with the algorithm named or given", () => {
  const random = new Random(3);
  for (const algorithm of ALGORITHMS) {
    for (let i = 0; i < 20; i++) {
      const hash = hashBytes(algorithm, random.bytes(10));
      for (const form of FORMS) {
        assert.ok(hashesEqual(parseHash(formatPrefixedHash(hash, form)), hash));
        assert.ok(hashesEqual(parseHash(formatHash(hash, form), algorithm), hash));
      }
      assert.ok(hashesEqual(parseHash(formatHash(hash, "base16").toUpperCase(), algorithm), hash));
    }
  }
});

test("what is not a hash is refused", () => {
  const { digest } = hashBytes("sha256", "");
  const hex = Buffer.from(digest).toString("hex");
  const base64 = Buffer.from(digest).toString("base64");
  const refused: readonly [text: string, algorithm?: HashAlgorithm][] = [
    [""],
    ["", "sha256"],
    [hex],
    [`sha256:${hex}`, "sha1"],
    [`sha256:${hex.slice(1)}`],
    [`sha256:${hex.slice(1)}g`],
    [`sha256:${hex} `],
    [`sha3:${hex}`],
    [`sha256-${hex}`],
    [`sha256-${base64}x`],
    [`sha256-${base64.slice(0, -4)}`],
    [`sha256-${base64.replace(/^./, "_")}`],
    [`sha256:z${"0".repeat(51)}`],
    [`sha256:${"e".repeat(52)}`],
    [`constructor:${hex}`],
  ];
  for (const [text, algorithm] of refused) {
    assert.throws(() => parseHash(text, algorithm), { code: "hash-invalid" }, text);
  }
});

// From the test vectors of BLAKE3 itself: bytes that count to 250 and begin again.
const BLAKE3_VECTORS: readonly (readonly [length: number, hash: string])[] = [
  [0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"],
  [1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"],
  [1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"],
  [1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"],
];

test("BLAKE3, at once and in pieces", () => {
  for (const [length, expected] of BLAKE3_VECTORS) {
    const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
    assert.equal(formatHash(hashBytes("blake3", bytes), "base16"), expected);
    const hasher = createHasher("blake3");
    hasher.update(bytes.subarray(0, 700));
    hasher.update(bytes.subarray(700));
    assert.equal(formatHash(hasher.digest(), "base16"), expected);
    const hash = hashBytes("blake3", bytes);
    for (const form of FORMS) assert.ok(hashesEqual(parseHash(formatPrefixedHash(hash, form)), hash));
  }
});

test("C++ Nix converts hashes to the same forms", { skip: nixHash.reason }, () => {
  const random = new Random(4);
  const version = /(\d+)\.(\d+)/.exec(nixHash.judge!.run(["--version"]).toString()) ?? [];
  const knowsSri = Number(version[1]) > 2 || Number(version[2]) >= 20;
  for (const algorithm of ALGORITHMS) {
    const hashes = random.list(8, (i) => hashBytes(algorithm, random.bytes(i)));
    const convert = (option: string, inputs: string[]) =>
      nixHash
        .judge!.run(["--type", algorithm, option, ...inputs])
        .toString()
        .trim()
        .split("\n");
    const of = (form: HashForm) => hashes.map((hash) => formatHash(hash, form));
    assert.deepEqual(convert("--to-base32", of("base16")), of("nix32"));
    assert.deepEqual(convert("--to-base16", of("nix32")), of("base16"));
    // Older ones read this form, but do not write it.
    if (knowsSri) assert.deepEqual(convert("--to-sri", of("base16")), of("sri"));
    assert.deepEqual(convert("--to-base16", of("base64")), of("base16"));
    assert.deepEqual(convert("--to-base16", of("sri")), of("base16"));
  }
});
