/**
 * Whole programs: `eval-okay-*.nix` prints its `.exp`, `eval-fail-*.nix` fails with the first line of its
 * `.err.exp`. A program whose first line begins with `# lazy` is printed without being evaluated deeply.
 * `UPDATE_GOLDEN=1` records from C++ Nix, never from our own evaluator; COPSE_CPP_NIX names its directory.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CopseError, textFromByteString } from "../../src/base/mod.ts";
import { findCppNix, NIX_ENVIRONMENT } from "../../src/lang/builtins/testing/cases.ts";
import { createReadOnlyHost } from "../../src/lang/builtins/testing/read-only-host.ts";
import { createEvaluator, printAmbiguous } from "../../src/lang/mod.ts";

const DIRECTORY = import.meta.dirname;
const PROGRAMS = readdirSync(DIRECTORY).filter((name) => /^eval-(okay|fail)-.*\.nix$/.test(name));

for (const program of PROGRAMS) {
  test(program, () => {
    const path = join(DIRECTORY, program);
    const expectedPath = path.replace(/\.nix$/, program.startsWith("eval-okay-") ? ".exp" : ".err.exp");
    const isLazy = readFileSync(path, "utf8").startsWith("# lazy");
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(expectedPath, askCppNix(path, isLazy));
    assert.equal(evaluate(path, isLazy), readFileSync(expectedPath, "utf8"));
  });
}

function evaluate(path: string, isLazy: boolean): string {
  const evaluator = createEvaluator({ host: createReadOnlyHost(), exactLaziness: isLazy });
  try {
    const value = evaluator.evalFile(path);
    return `${textFromByteString(printAmbiguous(isLazy ? value : evaluator.forceDeep(value)))}\n`;
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    return `error: ${firstLine(textFromByteString(error.message))}\n`.replaceAll(DIRECTORY, "/pwd");
  }
}

function askCppNix(path: string, isLazy: boolean): string {
  const nix = findCppNix();
  assert.ok(nix !== undefined, "recording needs C++ Nix on PATH or in COPSE_CPP_NIX");
  const store = mkdtempSync(join(tmpdir(), "copse-golden-"));
  const args = ["--store", store, "--readonly-mode", "--eval", ...(isLazy ? [] : ["--strict"]), path];
  const result = spawnSync(`${nix}nix-instantiate`, args, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...NIX_ENVIRONMENT },
  });
  rmSync(store, { recursive: true, force: true });
  if (result.status === 0) return result.stdout;
  const message = result.stderr.split(/^ *error: */m).at(-1) ?? "";
  return `error: ${firstLine(message)}\n`.replaceAll(DIRECTORY, "/pwd");
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
