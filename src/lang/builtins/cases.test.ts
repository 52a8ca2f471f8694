/**
 * Every builtin against C++ Nix 2.34.8: what it printed, or the first line of its error. `UPDATE_GOLDEN=1` with
 * C++ Nix at hand (on PATH or in $COPSE_CPP_NIX) records anew. Older versions have other messages, so these are not
 * asked again.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { answer, askCppNix, cppNixVersion, findCppNix, readCases, recordCases } from "./testing/cases.ts";

const DIRECTORY = join(import.meta.dirname, "testing/cases");
const FILES = readdirSync(DIRECTORY).filter((name) => name.endsWith(".txt"));
const RECORDED_VERSION = "2.34";

const nix = findCppNix();
const isRecordedVersion = nix !== undefined && cppNixVersion(nix).startsWith(RECORDED_VERSION);

if (process.env["UPDATE_GOLDEN"] && nix !== undefined && isRecordedVersion) {
  const store = mkdtempSync(join(tmpdir(), "copse-cases-"));
  for (const file of FILES) recordCases(join(DIRECTORY, file), nix, store);
  rmSync(store, { recursive: true });
}

for (const file of FILES) {
  test(`${file}: answers are those of C++ Nix`, () => {
    for (const { expression, expected } of readCases(join(DIRECTORY, file))) {
      assert.equal(answer(expression), expected, expression);
    }
  });
}

test("several hundred expressions are compared", () => {
  const count = FILES.reduce((sum, file) => sum + readCases(join(DIRECTORY, file)).length, 0);
  assert.ok(count > 1000, `${count}`);
});

test("a sample of the recorded answers is what C++ Nix says now", {
  skip: !isRecordedVersion && `no C++ Nix ${RECORDED_VERSION}: set COPSE_CPP_NIX`,
}, () => {
  const store = mkdtempSync(join(tmpdir(), "copse-cases-"));
  for (const file of FILES) {
    const cases = readCases(join(DIRECTORY, file));
    for (let i = 0; i < cases.length; i += 40) {
      const { expression, expected } = cases[i] as (typeof cases)[number];
      assert.equal(askCppNix(nix ?? "", expression, store), expected, expression);
    }
  }
});
