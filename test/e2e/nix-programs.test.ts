/** copse called by the names of Nix's programs. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { copse, failure, output, prepareFixture, project, realPath, world, write } from "./world.ts";

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
    assert.match(stderr, /error: syntax error, unexpected end of file/);
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
  test("names links by derivation and output, and prints in the order of -A", async () => {
    write(cwd, {
      "outputs.nix":
        'with import <nixpkgs> { }; { c = writeText "c" "of c"; d = runCommand "d" { outputs = [ "out" "dev" ]; } "echo o >$out; echo d >$dev"; }\n',
    });
    const link = join(cwd, "links");
    const printed = await build("outputs.nix", "-A", "d.dev", "-A", "c", "-A", "d", "-o", link);
    const [dev, c, out] = printed.trim().split("\n") as [string, string, string];
    assert.equal(readlinkSync(`${link}-dev`), realPath(dev));
    assert.equal(readlinkSync(`${link}-2`), realPath(c));
    assert.equal(readlinkSync(link), realPath(out));
    assert.equal(readFileSync(realPath(dev), "utf8"), "d\n");
  });
  test("a derivation in the store, an output of it, what comes in", async () => {
    const drv = (await output(["outputs.nix", "-A", "d"], { cwd, as: "nix-instantiate" })).trim();
    const expected = await build("--no-out-link", "outputs.nix", "-A", "d", "-A", "d.dev");
    assert.equal(await build("--no-out-link", drv, `${drv}!dev`), expected);
    assert.equal(await build("--no-out-link", `${drv}!out`), `${expected.split("\n")[0]}\n`);
    const stdin = "(import ./outputs.nix).d\n";
    assert.equal(
      await output(["--no-out-link", "-"], { cwd, as: "nix-build", input: stdin }),
      `${expected.split("\n")[0]}\n`,
    );
    await failure([`${drv}!none`, "--no-out-link"], { cwd, as: "nix-build" });
  });
  test("--dry-run builds nothing", async () => {
    const expr = 'with import <nixpkgs> { }; writeText "never" "built"';
    const outcome = await copse(["--dry-run", "-E", expr], { cwd, as: "nix-build" });
    assert.match(outcome.stderr, /will be built:\n +\/nix\/store\/.*-never\.drv$/m);
    assert.equal(outcome.stdout, "");
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
    const loud = await failure(["-E", expr], { cwd, as: "nix-build", code: 100 });
    assert.match(loud, /^noise$/m);
    const quiet = await failure(["-Q", "-E", expr], { cwd, as: "nix-build", code: 100 });
    assert.doesNotMatch(quiet, /^noise$/m);
    assert.match(quiet, /the last line of its log:\n +> noise$/m);
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

describe("scripts that nix-shell runs", () => {
  const run = async (text: string, ...args: string[]): Promise<string> => {
    write(cwd, { script: text });
    const outcome = await copse([join(cwd, "script"), ...args], { cwd: world.projects, as: "nix-shell" });
    assert.equal(outcome.code, 0, outcome.stderr);
    return outcome.stdout;
  };

  test("by an interpreter of packages, with arguments", async () => {
    const lines = "#! /usr/bin/env nix-shell\n#! nix-shell -i python3 -p python3 hello\n";
    const body = 'import os, sys\nprint(sys.argv[1:], os.path.exists("/usr/bin/hello"))\n';
    assert.equal(await run(lines + body, "a b", "-p"), "['a b', '-p'] True\n");
  });
  test("in the environment of a file that lies beside the script", async () => {
    const lines = '#! nix-shell\n#! nix-shell -i "bash -e"\n#! nix-shell shell.nix\n';
    assert.equal(
      await run(`${lines}greet; echo "$# $HOOK"\n`, "x"),
      "hello, world\n1 ran for good morning\n",
    );
  });
  test("an interpreter that is not there", async () => {
    write(cwd, { script: "#! nix-shell\n#! nix-shell -i no-such-program -p hello\n" });
    const stderr = await failure([join(cwd, "script")], { cwd, as: "nix-shell", code: 127 });
    assert.match(stderr, /no such interpreter in the environment: `no-such-program`/);
  });
});

describe("a plain derivation, which has no root", () => {
  const plain = project();
  const derivation = `derivation {
    name = "plain"; system = builtins.currentSystem; builder = "/bin/bash"; WORD = "é 'x'";
    long = "in a file"; passAsFile = [ "long" ]; shellHook = "echo never";
  }`;
  write(plain, { "default.nix": `${derivation}\n` });
  const shell = (...args: string[]) => output(args, { cwd: plain, as: "nix-shell" });

  test("its shell runs on the host, with its variables", async () => {
    const script =
      'echo "$WORD $name $IN_NIX_SHELL"; cat "$longPath"; echo "|${long-unset}"; [ -d "$NIX_BUILD_TOP" ] && ls /proc/self/exe';
    assert.equal(await shell("--run", script), "é 'x' plain impure\nin a file|unset\n/proc/self/exe\n");
  });
  test("--pure keeps little", async () => {
    const outcome = await copse(["--pure", "--keep", "KEPT", "--run", "echo $KEPT-$OTHER-$IN_NIX_SHELL"], {
      cwd: plain,
      as: "nix-shell",
      env: { KEPT: "1", OTHER: "2" },
    });
    assert.equal(outcome.stdout, "1--pure\n", outcome.stderr);
  });
  test("by its .drv file, and by a link to it", async () => {
    const link = join(plain, "link");
    const drv = (await output(["--add-root", link], { cwd: plain, as: "nix-instantiate" })).trim();
    assert.equal(drv, link);
    assert.equal(await shell(link, "--run", "echo $name"), "plain\n");
  });
  test("leaves no folder behind", async () => {
    const folder = project();
    const outcome = await copse(["--run", "echo $NIX_BUILD_TOP"], {
      cwd: plain,
      as: "nix-shell",
      env: { TMPDIR: folder },
    });
    assert.ok(outcome.stdout.startsWith(folder), outcome.stderr);
    assert.deepEqual(readdirSync(folder), []);
  });
});

test("nix build and nix eval", async () => {
  const nix = (...args: string[]) => output(args, { cwd, as: "nix" });
  assert.equal(await nix("eval", "--expr", "1 + 1"), "2\n");
  assert.match(await nix("build", "--no-link", "--print-out-paths", "-f", "default.nix", "a"), /-a\n$/);
  assert.match(await failure(["develop"], { cwd, as: "nix" }), /error: Flakes are not part of this version/);
});

describe("programs of packages, and environments of builds", () => {
  const nix = (...args: string[]) => output(args, { cwd, as: "nix" });
  before(() => {
    write(cwd, {
      "programs.nix": `with import <nixpkgs> { }; {
        own = writeShellScriptBin "own" "echo mine $*; ls -d /nix/store";
        env = mkShell { packages = [ hello ]; WORD = "w"; shellHook = "export HOOKED=1"; };
        built = runCommand "built" { buildInputs = [ hello ]; WORD = "v"; outputs = [ "out" "dev" ]; } "true";
      }\n`,
    });
  });

  test("nix shell shows the store at its place", async () => {
    assert.equal(await nix("shell", "-f", "programs.nix", "own", "-c", "own", "a"), "mine a\n/nix/store\n");
  });
  test("nix run", async () => {
    assert.equal(await nix("run", "-f", "programs.nix", "own", "a", "-b"), "mine a -b\n/nix/store\n");
  });
  test("nix develop, in a root", async () => {
    const script = 'hello; echo "$WORD $HOOKED"';
    const printed = await nix("develop", "-f", "programs.nix", "env", "-c", "bash", "-c", script);
    assert.equal(printed, "Hello, world!\nw 1\n");
  });
  test("nix develop writes outputs beside, and nix print-dev-env says the same", async () => {
    const script = 'echo "$WORD $dev"';
    const printed = await nix("develop", "-f", "programs.nix", "built", "-c", "bash", "-c", script);
    assert.equal(printed, `v ${join(cwd, "outputs/dev")}\n`);
    const json = JSON.parse(await nix("print-dev-env", "--json", "-f", "programs.nix", "built"));
    assert.deepEqual(json.variables.WORD, { type: "exported", value: "v" });
    assert.match(await nix("print-dev-env", "-f", "programs.nix", "built"), /^WORD='v'\nexport WORD$/m);
  });
  test("flakes are refused by name", async () => {
    assert.match(
      await failure(["build", "nixpkgs#hello"], { cwd, as: "nix" }),
      /Flakes are not part of this version/,
    );
  });
  test("fetching while evaluating: pure evaluation wants a hash, restricted evaluation an address", async () => {
    write(cwd, { "fetched.txt": "fetched" });
    const url = `file://${join(cwd, "fetched.txt")}`;
    const expr = `builtins.readFile (builtins.fetchurl "${url}")`;
    assert.equal(await nix("eval", "--impure", "--raw", "--expr", expr), "fetched");
    await failure(["eval", "--expr", expr], { cwd, as: "nix" });
    const restricted = ["eval", "--impure", "--restrict-eval", "--raw", "--expr", expr];
    assert.match(await failure(restricted, { cwd, as: "nix" }), /forbidden in restricted mode/);
    assert.equal(await nix(...restricted, "--allowed-uris", url), "fetched");
  });
});
