/** copse called by the names of Nix's programs. */
import assert from "node:assert/strict";
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { failure, output, prepareFixture, project, realPath, write } from "./world.ts";

before(prepareFixture);

const cwd = project("fixture");
write(cwd, {
  "default.nix": 'with import <nixpkgs> { }; { a = writeText "a" "of a"; b = writeText "b" "of b"; }\n',
  "function.nix": "{ x ? 1, ... }: { sum = x + 1; inherit ((import ./. )) a; }\n",
});
const DRV = /^\/nix\/store\/[a-z0-9]{32}-a\.drv$/;

describe("nix-instantiate", { concurrency: 2 }, () => {
  const instantiate = (...args: string[]) => output(args, { cwd, as: "nix-instantiate" });

  test("prints derivations", async () => {
    assert.match((await instantiate("-A", "a")).trim(), DRV);
    assert.match((await instantiate("-E", "(import ./. ).a")).trim(), DRV);
    assert.equal((await instantiate()).trim().split("\n").length, 2);
  });
  test("--eval", async () => {
    assert.equal(await instantiate("--eval", "-E", "{ a = 1 + 1; }"), "{ a = <CODE>; }\n");
    assert.equal(
      await instantiate("--eval", "--strict", "--json", "-E", "{ a = [ (1 + 1) ]; }"),
      '{"a":[2]}\n',
    );
    assert.equal(await instantiate("--eval", "function.nix", "-A", "sum", "--arg", "x", "41"), "42\n");
  });
  test("--parse", async () => {
    assert.equal(await instantiate("--parse", "-E", "let x = 1; in x+2"), "(let x = 1; in (x + 2))\n");
    const stderr = await failure(["--parse", "-E", "1 +"], { cwd, as: "nix-instantiate" });
    assert.match(stderr, /error\[syntax-error\]: syntax error, unexpected end of file/);
  });
});

describe("nix-build", () => {
  const build = (...args: string[]) => output(args, { cwd, as: "nix-build" });

  test("links each result", async () => {
    const [a, b] = (await build()).trim().split("\n") as [string, string];
    assert.equal(readlinkSync(join(cwd, "result")), realPath(a));
    assert.equal(readlinkSync(join(cwd, "result-2")), realPath(b));
    assert.equal(readFileSync(realPath(b), "utf8"), "of b");
  });
  test("expressions, files, the search path", async () => {
    const expected = await build("-A", "a", "--no-out-link");
    assert.equal(await build("--no-out-link", "-E", "(import ./. ).a"), expected);
    assert.equal(await build("--no-out-link", "function.nix", "-A", "a"), expected);
    assert.equal(await build("--no-out-link", cwd, "-A", "a"), expected);
    assert.equal(await build("--no-out-link", "-I", "here=.", "<here>", "-A", "a"), expected);
  });
  test("-Q keeps what builders print to itself", async () => {
    const expr = 'with import <nixpkgs> { }; runCommand "n" { } "echo noise; exit 1"';
    const loud = await failure(["-E", expr], { cwd, as: "nix-build" });
    assert.match(loud, /^n> noise$/m);
    const quiet = await failure(["-Q", "-E", expr], { cwd, as: "nix-build" });
    assert.doesNotMatch(quiet, /^n> noise$/m);
    assert.match(quiet, /last lines of its log:\n +noise$/m);
  });
});

describe("nix-shell", () => {
  const shell = (...args: string[]) => output(args, { cwd, as: "nix-shell" });

  test("--run, in the environment of shell.nix", async () => {
    assert.equal(await shell("--run", 'greet; echo "$HOOK"'), "hello, world\nran for good morning\n");
    await failure(["--run", "exit 4"], { cwd, as: "nix-shell", code: 4 });
  });
  test("--pure", async () => {
    assert.equal(await shell("--pure", "--run", "echo $IN_NIX_SHELL"), "pure\n");
  });
  test("-p", async () => {
    assert.equal(await shell("-p", "hello", "--run", "hello"), "Hello, world!\n");
    const script = 'writeShellScriptBin "own" "echo mine"';
    assert.equal(await shell("-p", "python3", script, "--run", "own; python3 -c 'print(1)'"), "mine\n1\n");
  });
  test("of a derivation has the functions of its stdenv, and its inputs", async () => {
    write(cwd, {
      "package.nix": `with import <nixpkgs> { };
        runCommand "package" { buildInputs = [ (writeShellScriptBin "own" "echo mine") ]; WORD = "é"; } "own >$out"`,
    });
    const printed = await shell("package.nix", "--run", 'own; type -t genericBuild; echo "$WORD"');
    assert.equal(printed, "mine\nfunction\né\n");
  });
});

test("nix build and nix eval", async () => {
  const nix = (...args: string[]) => output(args, { cwd, as: "nix" });
  assert.equal(await nix("eval", "--expr", "1 + 1"), "2\n");
  assert.match(await nix("build", "--no-link", "-f", "default.nix", "a"), /-a\n$/);
  assert.match(await failure(["develop"], { cwd, as: "nix" }), /error\[command-unknown\].*`develop`/);
});
