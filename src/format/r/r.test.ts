import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { damage, fuzzRuns, Random } from "#format/testing";
import {
  compareRVersions,
  formatDcf,
  formatRDemand,
  isRPackageName,
  parseDcf,
  parseDescription,
  parsePackagesIndex,
  parseRDemand,
  parseRDemands,
  parseRVersion,
  rVersionOfDebian,
  satisfiesRDemand,
} from "./mod.ts";

const INDEX = `Package: lme4
Version: 1.1-31
Depends: R (>= 3.6.0),
        Matrix (>= 1.2-1),
\tmethods, stats
LinkingTo: Rcpp (>= 0.10.5)
MD5sum: 0123456789abcdef0123456789ABCDEF
NeedsCompilation: yes

Package: onlywin
Version: 1.0
OS_type: windows

Package: ../escape
Version: 1.0

Package: older
Version: 1.0
Path: 4.1.0/Other
NeedsCompilation: no

Package: sneaky
Version: 1.0
Path: ../../..
`;

test("records, fields that go on, and a lone dot", () => {
  const [record, ...more] = [...parseDcf("A: 1\nB: x  \n  y\n .\n\tz\n \t \n\nA: 2\r\n", "here")];
  assert.deepEqual(
    [...(record ?? [])],
    [
      ["A", "1"],
      ["B", "x\ny\n\nz"],
    ],
  );
  assert.deepEqual(
    more.map((one) => [...one]),
    [[["A", "2"]]],
  );
});

for (const [what, text] of [
  ["a line that is no field", "A: 1\nnonsense\n"],
  ["a continuation of nothing", "  A: 1\n"],
  ["a field without a name", ": 1\n"],
] as const)
  test(`refused: ${what}`, () => {
    assert.throws(
      () => [...parseDcf(text, "here")],
      (error) => isCopseError(error, "r-dcf-invalid"),
    );
  });

test("a field may begin on its second line", () => {
  const read = (text: string) => [...parseDcf(text, "here")].map((record) => record.get("A"));
  assert.deepEqual(read("A:\n x\n y\n\nA:\n .\n x\n\nA: y\n .\n .\n z\n .\n\nA:\n .\n"), [
    "x\ny",
    "\nx",
    "y\n\n\nz",
    "",
  ]);
});

test("what is written is read as the same", () => {
  const random = new Random(7);
  const line = () => Array.from({ length: random.below(6) }, () => "ab:.,x"[random.below(6)]).join("");
  for (let round = 0; round < 300; round++) {
    const between = Array.from({ length: random.below(3) }, () => ["", `w${line()}`][random.below(2)]);
    const value = [["v", ""][random.below(2)], ...between, "end"].join("\n");
    const records = [
      new Map([
        ["First", value],
        ["Second", `s${line()}`],
      ]),
    ];
    assert.deepEqual([...parseDcf(formatDcf(records), "here")], records, JSON.stringify(value));
  }
});

test("an index's entries, without what no Unix has and what leads out of it", () => {
  const entries = [...parsePackagesIndex(INDEX, "here")];
  assert.deepEqual(
    entries.map(({ name, file }) => [name, file]),
    [
      ["lme4", "lme4_1.1-31.tar.gz"],
      ["older", "4.1.0/Other/older_1.0.tar.gz"],
    ],
  );
  assert.deepEqual(entries[0]?.demands.map(formatRDemand), [
    "R (>= 3.6.0)",
    "Matrix (>= 1.2-1)",
    "methods",
    "stats",
    "Rcpp (>= 0.10.5)",
  ]);
  assert.equal(entries[0]?.md5, "0123456789abcdef0123456789abcdef");
  assert.deepEqual(
    entries.map(({ needsCompilation }) => needsCompilation),
    [true, false],
  );
});

test("versions are compared number by number", () => {
  // Sorted; each as R's package_version has it.
  const sorted = [
    "0.9",
    "1.0",
    "1.0.0",
    "1.0-1",
    "1.2-3",
    "1.10",
    "7.3-58.2",
    "20240301.1",
    "99999999999999999999.0",
  ];
  const versions = sorted.map(parseRVersion);
  versions.forEach((a, i) => {
    versions.forEach((b, j) => {
      assert.equal(Math.sign(compareRVersions(a, b)), Math.sign(i - j), `${a} ${b}`);
    });
  });
  assert.equal(compareRVersions(parseRVersion("1.2-3"), parseRVersion("1.02.3")), 0);
  for (const text of ["1", "", "1.", "1.a", "v1.0", "1..0", `1.${"0".repeat(200)}`])
    assert.throws(
      () => parseRVersion(text),
      (error) => isCopseError(error, "r-version-invalid"),
      text,
    );
});

test("versions as Debian numbers them", () => {
  for (const [debian, r] of [
    ["1.0.10-1", "1.0.10"],
    ["7.3-58.2-1+b1", "7.3-58.2"],
    ["1:1.14.8+dfsg-1", "1.14.8"],
    ["1.4.3+really1.4.1-1", "1.4.1"],
    ["2.0.0~rc1-1", "2.0.0"],
    ["2.58.0-1", "2.58.0"],
    ["0~git20200101-1", undefined],
  ] as const)
    assert.equal(rVersionOfDebian(debian), r, debian);
});

test("demands, with the parentheses and without", () => {
  assert.deepEqual(parseRDemand(" lme4(>=1.1-30) "), {
    name: "lme4",
    condition: { relation: ">=", version: "1.1-30" },
  });
  assert.deepEqual(parseRDemand("Rcpp>=1.0"), {
    name: "Rcpp",
    condition: { relation: ">=", version: "1.0" },
  });
  for (const text of ["", "a b", "x (~= 1.0)", "x (>= )", "x (>= 1", "_x", "x@1", "y".repeat(400)])
    assert.throws(
      () => parseRDemand(text),
      (error) => isCopseError(error, "r-demand-invalid"),
      text,
    );
  assert.deepEqual(parseRDemands("ok, , broken (>= x), fine (< 2.0)").map(formatRDemand), [
    "ok",
    "fine (< 2.0)",
  ]);
  assert.ok(!isRPackageName("x") && !isRPackageName("ends.") && isRPackageName("data.table"));
});

test("each relation", () => {
  const holds = (text: string) => satisfiesRDemand(parseRVersion("1.5"), parseRDemand(`xx (${text})`));
  assert.deepEqual(
    [">= 1.5", "> 1.5", "<= 1.5", "< 1.5", "== 1.5", "!= 1.5", ">= 1.4.9", "< 1.5.0", "== 1.5.0"].map(holds),
    [true, false, true, false, true, false, true, true, false],
  );
});

test("damaged input is taken or refused, never else", () => {
  const random = new Random(11);
  const valid = Buffer.from(INDEX);
  for (let run = 0; run < fuzzRuns(500); run++) {
    const text = damage(random, valid).toString("utf8");
    for (const read of [() => [...parsePackagesIndex(text, "here")], () => parseDescription(text, "here")])
      try {
        read();
      } catch (error) {
        if (!isCopseError(error)) throw new Error(`Run ${run}: ${JSON.stringify(text)}`, { cause: error });
      }
  }
});
