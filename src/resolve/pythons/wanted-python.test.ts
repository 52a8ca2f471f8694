import assert from "node:assert/strict";
import { test } from "node:test";
import { CopseError } from "#base";
import { suitesWithPython } from "./debian-pythons.ts";
import { parseWantedPython } from "./wanted-python.ts";

test("a series, or a release of it", () => {
  assert.deepEqual(parseWantedPython("3.12"), { series: "3.12", release: undefined });
  assert.deepEqual(parseWantedPython("3.12.4"), { series: "3.12", release: "3.12.4" });
  assert.deepEqual(parseWantedPython("3.8"), { series: "3.8", release: undefined });
});

for (const [text, reason] of [
  ["2.7", "does not build"],
  ["3.7", "does not build"],
  ["3.7.17", "does not build"],
  ["3.13t", "without its global lock"],
  ["3.14.0t", "without its global lock"],
  ["pypy3.10", "CPython"],
  ["3.15.0rc1", "final releases only"],
  ["3", "no version"],
  ["", "no version"],
  [">=3.12", "no version"],
  ["../3.12", "no version"],
  ["3.12.4.1", "no version"],
  ["3.12\n", "no version"],
] as const)
  test(`${JSON.stringify(text)} is refused, with what there is`, () => {
    assert.throws(
      () => parseWantedPython(text),
      (error) =>
        error instanceof CopseError &&
        error.code === "python-version" &&
        error.message.includes(reason) &&
        error.hint?.includes("3.11 (bookworm)") === true,
    );
  });

test("a release is of the suites that have its series", () => {
  assert.deepEqual(suitesWithPython("3.11.4"), ["bookworm"]);
  assert.equal(suitesWithPython("3.13")[0], "trixie");
  assert.deepEqual(suitesWithPython("3.12"), []);
  assert.deepEqual(suitesWithPython("constructor"), []);
});
