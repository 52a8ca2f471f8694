/** `copse eval`, and what all commands have in common: help, options, errors. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { copse, failure, output, project, world, write } from "./world.ts";

const folder = project();
write(folder, {
  "a.nix": "{\n  x = 1;\n  helo = [ (1 + 1) ];\n  f = { w }: w;\n  bad = { }.missing;\n}\n",
  "default.nix": '{ name ? "nobody" }: { greeting = "hello, ${name}"; }\n',
  "é.nix": "{\n",
});
const here = { cwd: folder };

describe("eval", { concurrency: 2 }, () => {
  const values: readonly (readonly [args: readonly string[], printed: string])[] = [
    [["--expr", "1 + 2"], "3\n"],
    [["--expr", '{ a = [ (1 + 1) "x" ]; }'], '{ a = [ «thunk» "x" ]; }\n'],
    [["--strict", "--expr", '{ a = [ (1 + 1) "x" ]; }'], '{ a = [ 2 "x" ]; }\n'],
    [["--json", "--expr", '{ b = null; a = [ 1.5 true ]; s = "é"; }'], '{"a":[1.5,true],"b":null,"s":"é"}\n'],
    [["--raw", "--expr", '"é\\n"'], "é\n"],
    [["--file", "a.nix", "--attr", "x"], "1\n"],
    [["a.nix", "-A", "helo", "--strict"], "[ 2 ]\n"],
    [["-A", "greeting"], '"hello, nobody"\n'],
    [["-A", "greeting", "--argstr", "name", "you"], '"hello, you"\n'],
    [["-A", "greeting", "--arg", "name", '"a" + "b"'], '"hello, ab"\n'],
    [["-I", "here=.", "--expr", "(import <here/a.nix>).x"], "1\n"],
    [["<nixpkgs>", "-A", "python3.pname"], '"python3"\n'],
    [["--expr", "import ./a.nix", "-A", "x"], "1\n"],
  ];
  for (const [args, printed] of values) {
    test(`eval ${args.join(" ")}`, async () => {
      assert.equal(await output(["eval", ...args], here), printed);
    });
  }

  test("a trace goes to standard error", async () => {
    const { stdout, stderr } = await copse(["eval", "--expr", 'builtins.trace "seen" 1']);
    assert.deepEqual([stdout, stderr], ["1\n", "trace: seen\n"]);
  });

  test("what is imported is built on the way", async () => {
    const expr =
      'with import <nixpkgs> { }; import (runCommand "made.nix" { } "echo \'{ a = 6 * 7; }\' >$out")';
    assert.equal(await output(["eval", "--frozen", "-A", "a", "--expr", expr]), "42\n");
  });

  test("evaluating text builds nothing and leaves nothing in the folder", async () => {
    const empty = project();
    await output(["eval", "--expr", '(import <nixpkgs> { }).lib.toUpper "a"'], { cwd: empty });
    assert.deepEqual(readdirSync(empty), []);
  });
});

describe("errors", { concurrency: 2 }, () => {
  test("say what and where", async () => {
    const stderr = await failure(["eval", "a.nix", "-A", "bad"], here);
    assert.match(stderr, /^error\[missing-attribute\]: attribute 'missing' missing$/m);
    assert.match(stderr, /a\.nix:5:9$/m);
    assert.match(stderr, /^ 5 │ {3}bad = \{ \}\.missing;$/m);
  });

  test("name places as the user spells them", async () => {
    assert.match(await failure(["eval", "--expr", "1 +"]), /─ «string»:1:4$/m);
    assert.match(await failure(["eval", "é.nix"], here), /─ é\.nix:2:1$/m);
    assert.match(
      await failure(["eval"], { cwd: world.projects }),
      /in this folder: `.*\/projects`\n hint: it has none of/,
    );
  });

  const wrong: readonly (readonly [args: readonly string[], expected: RegExp])[] = [
    [["a.nix", "-A", "hello"], /error\[missing-attribute\].*'hello'[\s\S]* hint: did you mean helo\?/],
    [["a.nix", "-A", "f"], /error\[missing-argument\][\s\S]*a\.nix:4:9[\s\S]* hint: give it with --arg/],
    [["--expr", 'throw "boo"'], /error\[thrown\]: boo/],
    [["--expr", "let x = x; in x"], /error\[infinite-recursion\]/],
    [["--expr", "let f = n: 1 + f n; in f 1"], /error\[stack-overflow\]/],
    [["--json", "--expr", "x: x"], /error\[type-error\]: cannot convert a function to JSON/],
    [["--expr", "import ./none.nix"], /error\[file-not-found\].*none\.nix/],
    [["none.nix"], /error\[file-not-found\]: File does not exist: `none\.nix`/],
    [["a.nix", "default.nix"], /error\[argument-unexpected\].*`default\.nix`/],
    [["a.nix", "--expr", "1"], /error\[target-ambiguous\].*`--expr 1` and `a\.nix`/],
    [["--jsn"], /error\[option-unknown\].*`--jsn`\n hint: did you mean --json\?/],
    [["--attr"], /error\[option-value\]: Option needs a value: `--attr`\n hint: write it as: --attr PATH/],
    [["--arg", "x"], /error\[option-value\]: Option needs 2 values: `--arg`/],
    [["--json=1"], /error\[option-value\]: Option takes no value: `--json`/],
  ];
  for (const [args, expected] of wrong) {
    test(`eval ${args.join(" ")}`, async () => {
      assert.match(await failure(["eval", ...args], here), expected);
    });
  }

  test("a command that does not exist", async () => {
    assert.match(
      await failure(["frob"]),
      /error\[command-unknown\].*`frob`\n hint: commands are shell, run, build/,
    );
  });
});

describe("help", { concurrency: 2 }, () => {
  test("lists the commands, and each command's options", async () => {
    const overview = await output(["--help"]);
    const names = [...overview.matchAll(/^ {2}(\w+) {2,}\w/gm)].map((match) => match[1] as string);
    assert.ok(names.includes("run") && names.includes("eval"), overview);
    for (const name of names) {
      const text = await output([name, "--help"]);
      assert.match(text, new RegExp(`^usage: copse ${name} `));
      assert.match(text, /--help +this text/);
      assert.equal(await output(["help", name]), text);
    }
  });

  test("knows its version", async () => {
    assert.match(await output(["--version"]), /^copse \d+\.\d+\.\d+\n$/);
    assert.match(
      await output(["--version"], { as: "nix-build" }),
      /^nix-build \(copse \d\S*, like Nix\) \d+\.\d+\.\d+\n$/,
    );
  });
});

test("doctor reports where things are", async () => {
  const findings = JSON.parse(await output(["doctor", "--json"])) as {
    check: string;
    state: string;
    result: string;
  }[];
  const text = (topic: string): string => findings.find((finding) => finding.check === topic)?.result ?? "";
  assert.match(text("system"), /^(x86_64|aarch64)-linux\b/);
  assert.match(text("store"), new RegExp(`^${world.store}.*, seen as /nix/store inside`));
  assert.equal(text("cache"), `${world.home}/.cache/copse`);
  assert.match(await output(["doctor"]), /^store +ok /m);
});

test("filters see the paths that the expression named, whatever their characters", async () => {
  const sources = project();
  mkdirSync(join(sources, "ö/src"), { recursive: true });
  write(sources, {
    "ö/src/keep é": "kept\n",
    "ö/src/drop": "dropped\n",
    "ö/x.nix": `let path = builtins.path {
        name = "s";
        path = ./src;
        filter = file: kind: file == "\${toString ./src}/keep é";
      }; in builtins.attrNames (builtins.readDir path)`,
  });
  assert.equal(await output(["eval", "-f", "ö/x.nix", "--json"], { cwd: sources }), '["keep é"]\n');
});
