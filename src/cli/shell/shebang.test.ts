import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { expandShebang, IN_SCRIPT, interpreterScript, splitWords } from "./shebang.ts";

const folder = mkdtempSync(join(tmpdir(), "copse-shebang-"));
after(() => rmSync(folder, { recursive: true }));

function script(text: string): string {
  const file = join(folder, "script");
  writeFileSync(file, text);
  return file;
}

describe("words of a line", () => {
  // The judge is a shell, which agrees with Perl's shellwords on these.
  const lines = ["a b  c", `a 'b c' "d e"`, `x"y z"'q'`, "a\\ b c", `'' "" z`, `"a 'b' c"`, `'a "b"'`];
  for (const line of lines) {
    test(line, () => {
      const judged = execFileSync("/bin/sh", ["-c", `printf '%s\\n' ${line}`], { encoding: "utf8" });
      assert.deepEqual(splitWords(line), judged.split("\n").slice(0, -1));
    });
  }
  test("a backslash within double quotes stands for the next character, whatever it is", () => {
    assert.deepEqual(splitWords(String.raw`"a\"b\c"`), ['a"bc']);
  });
  test("a quote without end is an error", () => {
    assert.throws(() => splitWords("a 'b"), { code: "shebang-quote" });
  });
});

describe("a script", () => {
  test("gives the words of all its lines, then its name and arguments", () => {
    const file = script("#! /usr/bin/env nix-shell\n#! nix-shell -i bash\nx\n#!nix-shell -p 'a b'\r\ny\n");
    assert.deepEqual(expandShebang([file, "one", "-p"]), [
      "-i",
      "bash",
      "-p",
      "a b",
      IN_SCRIPT,
      file,
      "one",
      "-p",
    ]);
  });
  test("is only what begins with #!", () => {
    assert.equal(expandShebang([script("{ }: 1\n#! nix-shell -p a\n")]), undefined);
    assert.equal(expandShebang([join(folder, "none")]), undefined);
    assert.equal(expandShebang([folder]), undefined);
    assert.equal(expandShebang(["-p", "a"]), undefined);
    assert.equal(expandShebang([]), undefined);
  });
});

describe("the interpreter", () => {
  const run = (interpreter: string, name: string, ...args: string[]): string =>
    execFileSync("/bin/bash", ["-c", interpreterScript(interpreter, name, args)], { encoding: "utf8" });
  test("gets the script and its arguments, whatever is in them", () => {
    assert.equal(run("printf '%s|'", "a 'b' \\c", "$x", ""), "a 'b' \\c|$x||");
  });
  test("can have arguments of its own", () => {
    assert.equal(run("echo -n x", "s"), "x s");
  });
  test("that is missing is named", () => {
    assert.throws(
      () => run("no-such-program", "s"),
      (error: { status?: number; stderr?: Buffer | string }) =>
        error.status === 127 && /no such interpreter.*`no-such-program`/i.test(String(error.stderr)),
    );
  });
});
