/**
 * Expressions and what C++ Nix answered, under `expressions/`. `UPDATE_GOLDEN=1` asks it again, never our own
 * evaluator; COPSE_CPP_NIX names its directory.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { answer, findCppNix, readCases, recordCases } from "../../src/lang/builtins/testing/cases.ts";

const DIRECTORY = new URL("./expressions/", import.meta.url).pathname;

for (const file of readdirSync(DIRECTORY).filter((name) => name.endsWith(".txt"))) {
  test(`${file}: as C++ Nix answers`, () => {
    if (process.env["UPDATE_GOLDEN"]) record(join(DIRECTORY, file));
    const differences: string[] = [];
    for (const { expression, expected } of readCases(join(DIRECTORY, file))) {
      const actual = answer(expression);
      if (actual !== expected) differences.push(`${expression}\n  C++ Nix: ${expected}\n  copse:   ${actual}`);
    }
    assert.equal(differences.join("\n"), "");
  });
}

function record(file: string): void {
  const nix = findCppNix();
  assert.ok(nix !== undefined, "recording needs C++ Nix on PATH or in COPSE_CPP_NIX");
  const store = mkdtempSync(join(tmpdir(), "copse-expressions-"));
  recordCases(file, nix, store);
  rmSync(store, { recursive: true, force: true });
}
