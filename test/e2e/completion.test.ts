/** Completion: what the program answers, and the code for bash in a bash. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { COPSE, callerEnvironment, failure, output, project, world, write } from "./world.ts";

const cwd = project();
mkdirSync(join(cwd, "folder"));
write(cwd, {
  "file.nix": "{ outputs = 1; other = { deep = 1; }; }\n",
  "wrong.nix": 'throw "boo"\n',
});

/** The answer for the last of the words. */
async function complete(as: string, ...args: string[]): Promise<string[]> {
  const printed = await output(args, { cwd, as, env: { NIX_GET_COMPLETIONS: String(args.length) } });
  return printed
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/\t.*/, ""));
}

describe("words that can follow", () => {
  const cases: readonly (readonly [as: string, args: readonly string[], expected: readonly string[]])[] = [
    ["nix", ["buil"], ["normal", "build"]],
    ["nix", ["store", "ver"], ["normal", "verify"]],
    ["copse", ["completion", ""], ["normal", "bash", "zsh", "fish"]],
    ["nix", ["build", "./fo"], ["filenames", "./folder"]],
    ["nix", ["build", "none/"], ["filenames"]],
    ["nix-build", ["-I", "a=fi"], ["filenames", "a=file.nix"]],
    ["nix", ["build", "--option", "allow-import-from"], ["normal", "allow-import-from-derivation"]],
    ["nix", ["build", "--out-l"], ["normal", "--out-link"]],
    ["nix", ["eval", "--file", "file.nix", "out"], ["attrs", "outputs"]],
    ["nix", ["eval", "--file", "file.nix", "other.d"], ["attrs", "other.deep"]],
    ["nix", ["eval", "--file", "wrong.nix", ""], ["attrs"]],
    ["nix-build", ["file.nix", "-A", "o"], ["attrs", "other", "outputs"]],
    ["nix-build", ["fi"], ["filenames", "file.nix"]],
  ];
  for (const [as, args, expected] of cases) {
    test(`${as} ${args.join(" ")}`, async () => {
      assert.deepEqual(await complete(as, ...args), expected);
    });
  }
});

describe("code for shells", () => {
  test("in bash, words with = and : are completed whole", async () => {
    const bin = mkdtempSync(join(world.projects, "bin-"));
    for (const name of ["copse", "nix", "nix-build"]) symlinkSync(COPSE, join(bin, name));
    const script = `
      source <(copse completion bash)
      compopt() { :; }
      try() { COMP_LINE="\${COMP_WORDS[*]}"; COMP_LINE=\${COMP_LINE// = /=}; COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _copse_complete; echo "\${COMPREPLY[*]}"; }
      COMP_WORDS=(nix eval -f file.nix out); try
      COMP_WORDS=(nix-build -I a = fi); try`;
    const env = { ...callerEnvironment(), PATH: `${bin}:${process.env["PATH"]}` };
    const printed = execFileSync("/bin/bash", ["--norc", "-c", script], { cwd, env, encoding: "utf8" });
    assert.equal(printed, "outputs\nfile.nix\n");
  });
  test("is sound, as far as the shell is here", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const code = await output(["completion", shell]);
      try {
        execFileSync(shell, ["-n"], { input: code, stdio: ["pipe", "ignore", "pipe"] });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    assert.match(await failure(["completion", "tcsh"]), /There is no completion for this shell: `tcsh`/);
  });
});
