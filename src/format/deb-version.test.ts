import assert from "node:assert/strict";
import { test } from "node:test";
import { compareDebVersions, parseDebVersion } from "./deb-version.ts";
import { findJudge } from "./testing/judges.ts";
import { Random } from "./testing/random.ts";

const shell = findJudge("sh");
const dpkg = findJudge("dpkg");

test("a version has three parts", () => {
  assert.deepEqual(parseDebVersion("1:2.3-4-5"), { epoch: 1, upstream: "2.3-4", revision: "5" });
  assert.deepEqual(parseDebVersion("2.3"), { epoch: 0, upstream: "2.3", revision: "" });
  assert.deepEqual(parseDebVersion("0:1:2~a+b-0.1"), { epoch: 0, upstream: "1:2~a+b", revision: "0.1" });
});

test("what is not a version is refused", () => {
  for (const text of [
    "",
    ":1",
    "a:1",
    "-1:1",
    "99999999999:1",
    "1:",
    "1-",
    "-1",
    "1 2",
    "1_2",
    "1-2:3",
    "ä",
    "1\n",
  ]) {
    assert.throws(() => parseDebVersion(text), { code: "deb-version-invalid" }, JSON.stringify(text));
  }
});

const ASCENDING = "0~~ 0~ 0 0a 0+ 0.1 1~rc1 1-0~1 1 1-1 1a 1+b1 1.0 1.2 1.10 1.10-1 1:0 1:0-1 2:0~";

test("versions have dpkg's order", () => {
  const versions = ASCENDING.split(" ");
  for (const [i, a] of versions.entries()) {
    for (const [j, b] of versions.entries()) {
      assert.equal(Math.sign(compareDebVersions(a, b)), Math.sign(i - j), `${a} against ${b}`);
    }
  }
  for (const [a, b] of [
    ["1", "0:1"],
    ["1", "1-0"],
    ["1.01", "1.1"],
    ["1-00", "1"],
    ["1.0", "1."],
  ] as const) {
    assert.equal(compareDebVersions(a, b), 0, `${a} equals ${b}`);
  }
});

test("the order is total", () => {
  const random = new Random(13);
  const versions = random.list(60, () => randomVersion(random));
  for (const a of versions) {
    for (const b of versions) {
      assert.equal(
        Math.sign(compareDebVersions(a, b)) + Math.sign(compareDebVersions(b, a)),
        0,
        `${a} against ${b}`,
      );
      for (const c of versions) {
        if (compareDebVersions(a, b) > 0 || compareDebVersions(b, c) > 0) continue;
        assert.ok(compareDebVersions(a, c) <= 0, `${a}, ${b}, ${c}`);
      }
    }
  }
});

function randomVersion(random: Random): string {
  const epoch = random.chance(0.2) ? `${random.below(3)}:` : "";
  const upstream = `${random.below(3)}${random.text(random.below(5), "019.~+-abZ")}0`;
  return epoch + upstream + (random.chance(0.5) ? `-${random.text(1 + random.below(4), "01.~+aZ")}` : "");
}

test("dpkg compares the same", { skip: dpkg.reason || shell.reason }, () => {
  const random = new Random(14);
  const pairs = random.list(400, () => {
    const version = randomVersion(random);
    // Most pairs differ in one place only, as two at random are decided by their first character.
    if (random.chance(0.3)) return [version, randomVersion(random)] as const;
    const start = version.indexOf(":") + 2;
    const at = start + random.below(version.length - start + 1);
    return [version, `${version.slice(0, at)}${random.text(1, "01.~+aZ")}${version.slice(at)}`] as const;
  });
  const script =
    "while read a b; do if dpkg --compare-versions $a lt $b; then echo -1; " +
    "elif dpkg --compare-versions $a eq $b; then echo 0; else echo 1; fi; done";
  const input = Buffer.from(pairs.map((pair) => `${pair.join(" ")}\n`).join(""));
  const answers = shell.judge!.run(["-c", script], input).toString().trim().split("\n").map(Number);
  for (const [i, [a, b]] of pairs.entries()) {
    assert.equal(Math.sign(compareDebVersions(a, b)), answers[i], `${a} against ${b}`);
  }
});
