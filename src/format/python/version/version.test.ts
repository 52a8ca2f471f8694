import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzRuns, Random } from "#format/testing";
import { findPackaging } from "../testing/packaging.ts";
import { randomNearVersion, randomVersion } from "../testing/random-versions.ts";
import {
  baseOf,
  compareVersions,
  formatVersion,
  isPrerelease,
  parseVersion,
  publicOf,
  tryParseVersion,
  versionOf,
} from "./version.ts";

const packaging = findPackaging();

test("a version has its parts", () => {
  const version = parseVersion("v1!2.0-RC.3_r4-DEV5+Ubuntu-6");
  assert.equal(version.epoch, 1);
  assert.deepEqual(version.release, [2, 0]);
  assert.deepEqual(version.pre, { phase: "rc", number: 3 });
  assert.deepEqual([version.post, version.dev, version.local], [4, 5, ["ubuntu", 6]]);
  assert.equal(version.text, "v1!2.0-RC.3_r4-DEV5+Ubuntu-6");
  assert.equal(formatVersion(version), "1!2.0rc3.post4.dev5+ubuntu.6");
  assert.equal(`${baseOf(version)} ${publicOf(version)}`, "1!2.0 1!2.0rc3.post4.dev5");
});

test("large numbers stay exact", () => {
  const version = parseVersion("9007199254740993.1");
  assert.deepEqual(version.release, [9007199254740993n, 1]);
  assert.equal(formatVersion(version), "9007199254740993.1");
  assert.ok(compareVersions(parseVersion("9007199254740992"), version) < 0);
  assert.equal(compareVersions(parseVersion("00000000000000000000001"), parseVersion("1")), 0);
});

test("what is not a version is refused", () => {
  for (const text of [
    "",
    ".",
    "1.",
    ".1",
    "1..2",
    "a",
    "1.0x",
    "1+",
    "1+a+b",
    "-1",
    "1!",
    "1.0-",
    "1".repeat(3000),
  ]) {
    assert.equal(tryParseVersion(text), undefined);
    assert.throws(() => parseVersion(text), { code: "python-version-invalid" }, text);
  }
});

// From PEP 440, "Summary of permitted suffixes and relative ordering", with local versions put in.
const ASCENDING =
  "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 " +
  "1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 175 176 999 1000 1!0";

test("versions have the order of PEP 440", () => {
  const versions = ASCENDING.split(" ").map(parseVersion);
  for (const [i, a] of versions.entries())
    for (const [j, b] of versions.entries())
      assert.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} against ${b}`);
});

test("a normal form is read back as the same version", () => {
  const random = new Random(44);
  for (let run = 0; run < 500; run++) {
    const version = parseVersion(randomVersion(random));
    const again = parseVersion(formatVersion(version));
    assert.equal(again.key, version.key);
    assert.equal(formatVersion(again), formatVersion(version));
    assert.equal(versionOf(version).key, version.key);
  }
});

test("packaging reads versions the same", { skip: packaging.reason }, () => {
  const random = new Random(45);
  const texts = random.list(fuzzRuns(1500), () => randomNearVersion(random));
  const answers = packaging.ask!("version", texts);
  for (const [i, text] of texts.entries()) {
    const version = tryParseVersion(text);
    const ours = version && [
      formatVersion(version),
      isPrerelease(version),
      formatVersion(publicOf(version)),
      formatVersion(baseOf(version)),
    ];
    assert.deepEqual(ours ?? null, answers[i], JSON.stringify(text));
  }
});

test("packaging compares versions the same", { skip: packaging.reason }, () => {
  const random = new Random(46);
  const pairs = random.list(fuzzRuns(2500), () => {
    const [a, b] = [randomVersion(random), randomVersion(random)];
    // Two that begin alike are decided by their ends.
    const cut = random.below(a.length);
    const mixed = a.slice(0, cut) + b.slice(Math.min(cut, b.length - 1));
    return [a, tryParseVersion(mixed) && random.chance(0.5) ? mixed : b] as const;
  });
  const answers = packaging.ask!("compare", pairs);
  for (const [i, [a, b]] of pairs.entries())
    assert.equal(compareVersions(parseVersion(a), parseVersion(b)), answers[i], `${a} against ${b}`);
});
