import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { contains, parseSpecifiers, parseVersion } from "#format/python";
import { poetryVersion } from "./poetry-versions.ts";

test("poetry's operators as PEP 440 has them", () => {
  const table: readonly (readonly [string, string])[] = [
    ["^1.2.3", ">=1.2.3,<2.0"],
    ["^0.2.3", ">=0.2.3,<0.3"],
    ["^0.0.3", ">=0.0.3,<0.0.4"],
    ["^0", ">=0,<1"],
    ["~1.2.3", ">=1.2.3,<1.3"],
    ["~1", ">=1,<2"],
    ["1.2.*", "==1.2.*"],
    ["1.2", "==1.2"],
    ["*", ""],
    [">=1.2 <2", ">=1.2,<2"],
    ["^1.0 || ^2.0", ">=1.0,<3.0"],
  ];
  for (const [poetry, expected] of table)
    assert.deepEqual(poetryVersion(poetry), { specifiers: expected, isWider: false }, poetry);
  assert.deepEqual(poetryVersion("^1.0 || ^3.0"), { specifiers: ">=1.0,<4.0", isWider: true });
  assert.equal(poetryVersion("latest"), undefined);
});

const PYTHON = process.env["COPSE_PYTHON_PACKAGING"] ?? "python3";
const JUDGE = `
import sys, json
from poetry.core.constraints.version import parse_constraint, Version
texts, versions = json.load(sys.stdin)
print(json.dumps([[parse_constraint(text).allows(Version.parse(v)) for v in versions] for text in texts]))
`;
const noPoetry =
  spawnSync(PYTHON, ["-c", "import poetry.core"]).status === 0
    ? false
    : "poetry-core is not installed ($COPSE_PYTHON_PACKAGING)";

test("poetry takes the same versions", { skip: noPoetry }, () => {
  const versions =
    "0 0.0.1 0.0.3 0.0.4 0.1 0.2 0.2.3 0.3 1 1.0.1 1.2 1.2.2 1.2.3 1.2.3.9 1.2.4 1.3 1.9 2 2.0.1 3 3.5 4".split(
      " ",
    );
  const numbers = "1 1.2 1.2.3 0 0.0 0.0.3 0.2 0.2.3 2 2.0 0.0.0 1.2.3.4".split(" ");
  const texts = ["^", "~", "~=", "", "=", "==", ">=", "<", "!=", ">", "<="].flatMap((operator) =>
    numbers.map((one) => operator + one),
  );
  texts.push(
    "*",
    "1.2.*",
    "==1.2.*",
    "!=1.2.*",
    "^1.0 || ^2.0",
    "~1.2 || ~1.3",
    "1.2.* | 1.3.*",
    ">= 1.2, < 2",
  );
  const { stdout, stderr } = spawnSync(PYTHON, ["-c", JUDGE], {
    input: JSON.stringify([texts, versions]),
    encoding: "utf8",
  });
  assert.notEqual(stdout, "", stderr);
  for (const [at, expected] of (JSON.parse(stdout) as boolean[][]).entries()) {
    const text = texts[at] as string;
    const specifiers = parseSpecifiers(poetryVersion(text)?.specifiers ?? "===none");
    assert.deepEqual(
      versions.map((one) => contains(specifiers, parseVersion(one))),
      expected,
      text,
    );
  }
});
