import assert from "node:assert/strict";
import { test } from "node:test";
import { scmVersion, usesScm } from "./scm-version.ts";

// What setuptools-scm's own documentation and tests say of its default scheme.
test("the version of a commit is that of its tag, or the next one's development", () => {
  for (const [described, version] of [
    ["v1.2.3-0-gabcdef012345", "1.2.3"],
    ["1.2.3-4-gabcdef012345", "1.2.4.dev4+gabcdef012345"],
    ["1.1.9-1-g1", "1.1.10.dev1+g1"],
    ["release-2.0-0-g1", "2.0"],
    ["lab-v2.0-3-g1", "2.1.dev3+g1"],
    ["1.0rc1-2-g1", "1.0rc2.dev2+g1"],
    ["1.0.post1-2-g1", "1.0.post2.dev2+g1"],
    ["2.0.dev0-2-g1", "2.0.dev2+g1"],
    ["v1.0+cpu-0-g1", "1.0"],
    ["-12-gabc", "0.1.dev12+gabc"],
    ["nightly-12-gabc", "0.1.dev12+gabc"],
  ] as const)
    assert.equal(scmVersion(described), version, described);
});

test("who asks git for the version says so", () => {
  for (const text of [
    'requires = ["setuptools>=64", "setuptools-scm[toml]>=8"]',
    "setup(use_scm_version=True)",
    'requires = ["hatchling", "hatch-vcs"]',
    '[tool.hatch.version]\nsource = "vcs"',
  ])
    assert.ok(usesScm(text), text);
  assert.ok(!usesScm('requires = ["setuptools"]\nversion = "1.0"'));
});
