/**
 * Derivations of every kind: their paths must be those that C++ Nix computes. `*.exp.json` holds what C++ Nix
 * answered when they were recorded (`UPDATE_GOLDEN=1`, with C++ Nix on PATH or in $COPSE_CPP_NIX); where C++ Nix is
 * at hand, of whatever version, it is asked again.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isString, textOf } from "../../../src/lang/mod.ts";
import { createEvaluator } from "../../../src/lang/evaluator.ts";
import { builtinTable } from "../../../src/lang/builtins/mod.ts";
import { findCppNix, NIX_ENVIRONMENT } from "../../../src/lang/builtins/testing/cases.ts";
import { createReadOnlyHost } from "../../../src/lang/builtins/testing/read-only-host.ts";

const DIRECTORY = import.meta.dirname;
const FILES = readdirSync(DIRECTORY).filter((name) => name.endsWith(".nix"));

type Paths = Record<string, readonly string[]>;

function expressionFor(file: string): string {
  return `builtins.toJSON (builtins.mapAttrs (name: drv:
    [ drv.drvPath ] ++ map (output: drv.\${output}.outPath) (drv.outputs or [ "out" ])) (import ./${file}))`;
}

function ourPaths(file: string): Paths {
  const evaluator = createEvaluator({ host: createReadOnlyHost(), builtins: builtinTable });
  const value = evaluator.evalText(expressionFor(file), { baseDir: DIRECTORY });
  assert.ok(isString(value));
  return JSON.parse(textOf(value));
}

function theirPaths(nix: string, file: string): Paths {
  const store = mkdtempSync(join(tmpdir(), "copse-derivations-"));
  try {
    const args = ["--store", store, "--eval", "--read-write-mode", "--strict", "--json", "-E", expressionFor(file)];
    const out = execFileSync(`${nix}nix-instantiate`, args, {
      cwd: DIRECTORY,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...NIX_ENVIRONMENT },
      stdio: ["ignore", "pipe", "ignore"],
    });
    return JSON.parse(JSON.parse(out));
  } finally {
    execFileSync("chmod", ["-R", "u+w", store]);
    rmSync(store, { recursive: true });
  }
}

function recorded(file: string): string {
  return join(DIRECTORY, file.replace(/\.nix$/, ".exp.json"));
}

const nix = findCppNix();

if (process.env["UPDATE_GOLDEN"] && nix !== undefined) {
  for (const file of FILES) writeFileSync(recorded(file), `${JSON.stringify(theirPaths(nix, file), undefined, 1)}\n`);
}

for (const file of FILES) {
  test(`${file}: paths are those recorded from C++ Nix`, () => {
    assert.deepEqual(ourPaths(file), JSON.parse(readFileSync(recorded(file), "utf8")));
  });
  test(
    `${file}: paths are those that C++ Nix computes now`,
    { skip: nix === undefined && "no C++ Nix: install nix-bin or set COPSE_CPP_NIX" },
    () => {
      assert.deepEqual(ourPaths(file), theirPaths(nix ?? "", file));
    },
  );
}

test("there are at least 150 derivations", () => {
  const count = FILES.reduce((sum, file) => sum + Object.keys(ourPaths(file)).length, 0);
  assert.ok(count >= 150, `${count}`);
});
