import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzRuns, Random } from "#format/testing";
import { findPackaging } from "../testing/packaging.ts";
import { randomSpecifiers, randomVersion } from "../testing/random-versions.ts";
import { isInIntervals, specifierRanges } from "./specifier-ranges.ts";
import {
  asksForPrereleases,
  bothSpecifiers,
  contains,
  formatSpecifiers,
  parseSpecifiers,
} from "./specifiers.ts";
import { parseVersion } from "./version.ts";

const packaging = findPackaging();

function accepts(specifiers: string, version: string): boolean {
  return contains(parseSpecifiers(specifiers), parseVersion(version));
}

test("clauses take what PEP 440 says", () => {
  const takes: readonly (readonly [string, string, string])[] = [
    ["", "1.0 1.0rc1 1!2", ""],
    ["<1.0", "0.9 0.9.post1", "1.0 1.0rc1 1.0.dev0 1.0+a"],
    ["<1.0rc2", "1.0rc1 0.9", "1.0rc2 1.0"],
    [">1.0", "1.0.1 1.1rc1", "1.0 1.0.post1 1.0+local 1.0.post1.dev2"],
    [">1.0.post1", "1.0.post2 1.1", "1.0.post1 1.0.post1+local 1.0"],
    [">=1.0", "1.0 1.0.post1 1.0+local", "1.0rc1"],
    ["<=1.0", "1.0 1.0+local 1.0rc1", "1.0.post1"],
    ["==1.0", "1.0 1 1.0.0 1.0+cpu", "1.0.post1 1.0rc1"],
    ["==1.0+cpu", "1.0+cpu 1+CPU", "1.0 1.0+cu121 1.0+cpu.1"],
    ["!=1.0", "1.0.post1 0.9", "1.0 1.0+cpu"],
    ["==1.2.*", "1.2 1.2.dev0 1.2.99 1.2.post1 1.2+x", "1.3.dev0 1.20 1.1"],
    ["~=1.4.5", "1.4.5 1.4.99", "1.4.4 1.5 1.5.dev0"],
    ["~=1.4", "1.4 1.99", "2 2.dev0 1.3"],
    ["~=2.2.post3", "2.2.post3 2.3", "2.2 3.0"],
    ["===1.0", "1.0", "1.0.0 1 1.0+cpu"],
    ["===1.0+CPU", "1.0+cpu", "1.0"],
    ["===anything", "", "1.0"],
    [">=1,<2,!=1.5.*", "1.4 1.6", "1.5.1 2 0.9"],
  ];
  for (const [specifiers, yes, no] of takes) {
    for (const version of yes.split(" ").filter(Boolean))
      assert.ok(accepts(specifiers, version), `${specifiers} takes ${version}`);
    for (const version of no.split(" ").filter(Boolean))
      assert.ok(!accepts(specifiers, version), `${specifiers} refuses ${version}`);
  }
});

test("what is not a specifier is refused", () => {
  for (const text of [
    "1.0",
    "=1.0",
    "=>1.0",
    "~=1",
    ">=1.*",
    "<1.0+local",
    "==1.0rc1.*",
    ">=",
    "==1.0.*.*",
    "^1",
    ">=1 <2",
  ])
    assert.throws(() => parseSpecifiers(text), { code: "python-specifier-invalid" }, text);
});

test("clauses are joined and written in one order", () => {
  const both = bothSpecifiers(parseSpecifiers(">= 1, <2"), parseSpecifiers("<2,!=1.5.*"));
  assert.equal(formatSpecifiers(both), "!=1.5.*,<2,>=1");
  assert.equal(`${parseSpecifiers(" , ")}`, "");
});

test("pre-releases are asked for by a clause that names one", () => {
  for (const text of [">=1.0rc1", "==1.0.dev1", "~=1.0a1", "===1.0b1"])
    assert.ok(asksForPrereleases(parseSpecifiers(text)), text);
  for (const text of ["", ">=1.0", "!=1.0rc1", "==1.0.*", "===foo", ">=1.0.post1"])
    assert.ok(!asksForPrereleases(parseSpecifiers(text)), text);
  assert.ok(!contains(parseSpecifiers(">=1.0rc1"), parseVersion("1.0rc2"), { prereleases: false }));
});

test("intervals are sorted and disjoint, and hold what clauses take", () => {
  const random = new Random(51);
  for (let run = 0; run < 1000; run++) {
    const text = randomSpecifiers(random);
    let specifiers: ReturnType<typeof parseSpecifiers>;
    try {
      specifiers = parseSpecifiers(text);
    } catch {
      continue;
    }
    const ranges = specifierRanges(specifiers);
    for (const [i, { from, to }] of ranges.entries()) {
      assert.ok(from < to, text);
      if (i > 0) assert.ok(ranges[i - 1]!.to <= from, text);
    }
    const version = parseVersion(randomVersion(random));
    const each = specifiers.clauses.every((clause) =>
      contains(parseSpecifiers(`${formatOf(clause)}`), version),
    );
    if (!text.includes("==="))
      assert.equal(isInIntervals(ranges, version.key), each, `${text} and ${version}`);
  }
});

function formatOf(clause: ReturnType<typeof parseSpecifiers>["clauses"][number]): string {
  if (clause.kind === "identical") return `===${clause.text}`;
  return `${clause.operator}${clause.version}${clause.wildcard ? ".*" : ""}`;
}

test("packaging takes and refuses the same", { skip: packaging.reason }, () => {
  const random = new Random(52);
  const pairs = random.list(fuzzRuns(4000), () => {
    const specifiers = randomSpecifiers(random);
    // A version that a clause names, or one near it, is where mistakes are.
    const named = /[0-9][^,*]*?(?=$|,|\.\*)/.exec(specifiers)?.[0] ?? "1";
    const suffix = random.pick(["", ".0", ".1", "rc1", ".post1", ".dev0", "+cpu", ".post1.dev1", "a1+cpu"]);
    const near = `${named.split("+")[0]}${suffix}`;
    const version = random.chance(0.6) && isVersion(near) ? near : randomVersion(random);
    return [specifiers, version] as const;
  });
  const answers = packaging.ask!("contains", pairs);
  for (const [i, [text, version]] of pairs.entries())
    assert.deepEqual(
      judged(text, version),
      answers[i],
      `${JSON.stringify(text)} and ${JSON.stringify(version)}`,
    );
});

function isVersion(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch {
    return false;
  }
}

function judged(text: string, versionText: string): unknown {
  let specifiers: ReturnType<typeof parseSpecifiers>;
  try {
    specifiers = parseSpecifiers(text);
  } catch {
    return null;
  }
  const version = parseVersion(versionText);
  return [
    contains(specifiers, version),
    contains(specifiers, version, { prereleases: false }),
    asksForPrereleases(specifiers),
    formatSpecifiers(specifiers),
  ];
}
