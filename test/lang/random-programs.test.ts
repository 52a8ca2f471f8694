/**
 * Random programs, judged by C++ Nix. COPSE_RANDOM_SEED and COPSE_RANDOM_COUNT ask for others and for more. Values
 * are compared; of errors only that there is one, as operands may fail in another order.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CopseError } from "../../src/base/mod.ts";
import { findCppNix, NIX_ENVIRONMENT } from "../../src/lang/builtins/testing/cases.ts";
import { createReadOnlyHost } from "../../src/lang/builtins/testing/read-only-host.ts";
import { createEvaluator, printAmbiguous } from "../../src/lang/mod.ts";
import { RandomPrograms } from "./random-programs.ts";

const SEED = Number(process.env["COPSE_RANDOM_SEED"] ?? 1);
const COUNT = Number(process.env["COPSE_RANDOM_COUNT"] ?? 60);
const nix = findCppNix();
const skip = nix === undefined && "no C++ Nix on PATH or in COPSE_CPP_NIX";

test(`random programs from seed ${SEED} have the values that C++ Nix computes`, { skip }, () => {
  const programs = new RandomPrograms(SEED);
  compare(COUNT, () => programs.next(), { isStrict: true });
});

test(`random lists from seed ${SEED} leave unevaluated what C++ Nix does`, { skip }, () => {
  const programs = new RandomPrograms(SEED);
  compare(COUNT, () => programs.nextLazy(), { isStrict: false });
});

function compare(count: number, next: () => string, options: { readonly isStrict: boolean }): void {
  const store = mkdtempSync(join(tmpdir(), "copse-random-"));
  try {
    for (let i = 0; i < count; i++) {
      const program = next();
      assert.equal(evaluate(program, options), askCppNix(program, { ...options, store }), program);
    }
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

function evaluate(program: string, { isStrict }: { readonly isStrict: boolean }): string {
  const evaluator = createEvaluator({ host: createReadOnlyHost(), exactLaziness: !isStrict });
  try {
    const value = evaluator.evalText(program, { baseDir: "/" });
    return printAmbiguous(isStrict ? evaluator.forceDeep(value) : value);
  } catch (error) {
    if (error instanceof CopseError) return "error";
    throw error;
  }
}

function askCppNix(program: string, options: { readonly isStrict: boolean; readonly store: string }): string {
  const { isStrict, store } = options;
  const args = ["--store", store, "--readonly-mode", "--eval", ...(isStrict ? ["--strict"] : []), "-E", program];
  const env = { PATH: process.env["PATH"], ...NIX_ENVIRONMENT };
  const result = spawnSync(`${nix}nix-instantiate`, args, { encoding: "utf8", env });
  return result.status === 0 ? result.stdout.trim() : "error";
}
