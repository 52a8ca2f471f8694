/** The same command lines of nix-instantiate on both: what they print and how they end must be C++ Nix's. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { findJudge } from "../../src/format/testing/judges.ts";
import { copse, project, write } from "./world.ts";

const cwd = project();
for (const folder of ["sub", "nix"]) mkdirSync(join(cwd, folder));
write(cwd, {
  "default.nix": `{ x ? 1, y ? "d", ... }@args: {
    sum = x + 1; inherit y; list = [ 1 [ 2 "a b" ] ]; nested.deep = { z = null; }; str = "multi\\nline";
    drv = derivation { name = "d"; system = "s"; builder = "b"; outputs = [ "out" "dev" ]; };
    fn = a: { b, c ? 1 }: a; float = 1.5; path = ./sub; rec1 = rec { a = 1; b = a; }; names = builtins.attrNames args;
  }\n`,
  "bad.nix": "1 +\n",
  "throw.nix": 'throw "boo"\n',
  "nix/f.nix": "[ 1 2 ]",
});

const D = 'derivation { name = "d"; system = "s"; builder = "b"; }';
const E = 'derivation { name = "e"; system = "s"; builder = "b"; }';

const COMMAND_LINES: readonly (readonly string[])[] = [
  ["--eval", "-E", "1+1"],
  ["--eval", "-E", '{ a = 1 + 1; b = "x"; }'],
  ["--eval", "--strict", "-E", "{ a = 1 + 1; b = [ (x: x) ]; }"],
  ["--eval", "--strict", "--json", "default.nix", "-A", "nested", "-A", "list"],
  ["--eval", "--raw", "default.nix", "-A", "str"],
  ["--eval", "--raw", "-E", "true"],
  ["--eval", "--raw", "-E", "1"],
  ["--eval", "--xml", "default.nix"],
  ["--eval", "--xml", "default.nix", "-A", "list"],
  ["--eval", "--xml", "--strict", "--no-location", "default.nix", "-A", "nested"],
  ["--eval", "--xml", "-E", "{ f = x: x; g = { a, b ? 1, ... }@c: a; }"],
  ["--eval", "--xml", "--strict", "-E", "{ f = x: x; g = { a, b ? 1, ... }@c: a; }"],
  ["--eval", "default.nix", "-A", "sum", "--arg", "x", "41"],
  ["--eval", "default.nix", "-A", "names", "--argstr", "y", "v", "--arg", "x", "1"],
  ["--eval", "default.nix", "-A", "y", "--argstr", "y", "v", "--argstr", "y", "w"],
  ["--eval", "-A", "sum"],
  ["--eval", ".", "-A", "sum"],
  ["--eval", "./default.nix", "-A", "list.1"],
  ["--eval", "./default.nix", "-A", "list.9"],
  ["--eval", "./default.nix", "-A", "nosuch"],
  ["--eval", "./default.nix", "-A", "sum.x"],
  ["--eval", "-E", "x: x"],
  ["--eval", "-E", "{ z }: z"],
  ["--eval", "-E", "{ z }: z", "--arg", "z", "3"],
  ["--eval", "-E", "{ z ? 2 }: z"],
  ["--eval", "-A", "b", "-E", "{ a = 1; b = { z ? 2 }: z; }"],
  ["--eval", "--arg-from-file", "z", "nix/f.nix", "-E", "{ z }: z"],
  ["--eval", "bad.nix"],
  ["--eval", "throw.nix"],
  ["--eval", "nosuch.nix"],
  ["--eval", "-E", "1", "2", "3"],
  ["--parse", "default.nix"],
  ["--parse", "bad.nix"],
  ["--find-file", "-I", "nix=./nix", "nix/f.nix", "nix"],
  ["--find-file", "-I", "./nix", "f.nix", "nosuch"],
  ["--find-file", "nosuch"],
  ["--eval", "-I", "nix=./nix", "<nix/f.nix>"],
  ["--eval", "-I", "nix=./nix", "-E", "<nix/f.nix>"],
  ["--eval", "-E", 'builtins.trace "t" 1'],
  ["--eval", "--nosuch"],
  ["--eval", "-A"],
  ["-E", D],
  ["default.nix", "-A", "drv", "-A", "drv.dev"],
  ["-E", `{ a = ${D}; b.c = 1; }`],
  ["-E", `[ (${D}) [ (${E}) (${D}) ] ]`],
  ["-E", `let d = ${D}; in [ d d ]`],
  ["-E", `{ x = { recurseForDerivations = true; y = ${D}; }; z.y = ${E}; "a b" = ${E}; }`],
  ["-E", "1"],
  ["-E", "{ }"],
  ["-E", '{ type = "derivation"; name = "x"; }'],
];

// Debian 12's prints some things in another way.
const { judge, reason } = findJudge("nix-instantiate", { atLeast: "2.30" });

describe("nix-instantiate and C++ Nix", { skip: reason, concurrency: 2 }, () => {
  const judgeStore = join(project(), "store");
  for (const args of COMMAND_LINES) {
    test(args.join(" "), async () => {
      const expected = spawnSync(judge!.path, args, {
        cwd,
        encoding: "utf8",
        input: "",
        env: { PATH: process.env["PATH"] ?? "", HOME: cwd, NIX_REMOTE: `local?root=${judgeStore}` },
      });
      const { stdout, stderr, code } = await copse(args, { cwd, as: "nix-instantiate" });
      assert.equal(stdout, expected.stdout, stderr);
      assert.equal(code, expected.status, stderr);
    });
  }
});
