/** `copse shell` at a terminal, which tmux plays here: prompt, Ctrl-C, progress. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { COPSE, callerEnvironment, prepareFixture, project, world } from "./world.ts";

const skip = hasTmux() ? false : "tmux is not here";
const SOCKET = `copse-e2e-${process.pid}`;
const POLL_MS = 100;
const PATIENCE_MS = 60_000;

function hasTmux(): boolean {
  try {
    execFileSync("tmux", ["-V"]);
    return true;
  } catch {
    return false;
  }
}

function tmux(...args: string[]): string {
  const variables = { ...callerEnvironment(), LANG: "C.UTF-8", TERM: "xterm-256color" };
  return execFileSync("tmux", ["-u", "-L", SOCKET, "-f", "/dev/null", ...args], {
    encoding: "utf8",
    env: variables,
  });
}

/** What the screen shows once it matches. */
async function screen(pattern: RegExp): Promise<string> {
  for (let waited = 0; ; waited += POLL_MS) {
    const text = tmux("capture-pane", "-p").trimEnd();
    if (pattern.test(text)) return text;
    if (waited > PATIENCE_MS) assert.match(text, pattern);
    await sleep(POLL_MS);
  }
}

const type = (text: string): string => tmux("send-keys", "-l", `${text}\r`);
const press = (key: string): string => tmux("send-keys", key);

describe("at a terminal", { skip }, () => {
  const cwd = project("fixture");
  before(async () => {
    await prepareFixture();
    writeFileSync(
      join(world.home, ".bashrc"),
      "export PATH=/from/bashrc PYTHONPATH=/from/bashrc\nalias say='echo said'\n",
    );
    tmux("new-session", "-d", "-x", "120", "-y", "50", "-c", cwd, "env PS1='outside> ' bash --norc");
    await screen(/^outside>$/m);
  });
  after(() => tmux("kill-server"));

  test("the shell has a prompt, its hook, and the environment whatever .bashrc says", async () => {
    type(`${COPSE} shell`);
    await screen(/^\[fixture:.*\][#$]$/m);
    type('echo "<$HOOK>"; echo "<${PYTHONPATH-unset}>"; greet');
    const text = await screen(/^hello, world$/m);
    assert.match(text, /^<ran for good morning>\n<unset>\nhello, world$/m);
  });

  test("Ctrl-C reaches the program, and the prompt lives on", async () => {
    type("python3");
    await screen(/^>>>$/m);
    type("import time; time.sleep(60)");
    await sleep(500);
    press("C-c");
    await screen(/^KeyboardInterrupt\n>>>$/m);
    type("6 * 7");
    await screen(/^42\n>>>$/m);
    press("C-d");
    type("sleep 60");
    await sleep(500);
    press("C-c");
    type('echo "code $?"');
    await screen(/^code 130$/m);
  });

  test("jobs can be stopped and go on", async () => {
    type("sleep 61");
    await sleep(500);
    press("C-z");
    await screen(/Stopped +sleep 61/);
    type("kill %1; wait; echo gone");
    await screen(/^gone$/m);
  });

  test("leaving gives the shell's exit code", async () => {
    type("exit 7");
    type('echo "outside code $?"');
    await screen(/^outside code 7$/m);
  });

  test("progress takes its lines away", async () => {
    type("clear");
    const expr = 'with import <nixpkgs> { }; runCommand "shown" { } "echo a line; sleep 2; touch $out"';
    type(`${COPSE} build --no-out-link --expr '${expr}'`);
    await screen(/^ building +0\/1 +shown$/m);
    const text = await screen(/^1 built in [\d.]+ s\n\/nix\/store\/.*-shown$/m);
    assert.match(text, /^shown> a line$/m);
    assert.doesNotMatch(text, /^ building/m);
  });

  describe("nix-shell", () => {
    const nixShell = join(mkdtempSync(join(world.projects, "bin-")), "nix-shell");
    symlinkSync(COPSE, nixShell);
    const plain = join(cwd, "plain.nix");
    writeFileSync(
      plain,
      'derivation { name = "plain"; system = builtins.currentSystem; builder = "/bin/bash"; WORD = "of plain"; }\n',
    );

    test("in a root has its own prompt; what the user's .bashrc sets does not lead out", async () => {
      type("clear");
      type(`${nixShell} shell.nix`);
      await screen(/^\[nix-shell:.*\][#$]$/m);
      type('greet; echo "<${PYTHONPATH-unset}>"');
      await screen(/^hello, world\n<unset>$/m);
      type("exit 5");
      type('echo "outside $?"');
      await screen(/^outside 5$/m);
    });
    test("on the host reads .bashrc, and has the derivation's variables", async () => {
      type("clear");
      type(`${nixShell} ${plain}`);
      await screen(/^\[nix-shell:.*\][#$]$/m);
      type('say "$WORD"; echo "$IN_NIX_SHELL"');
      await screen(/^said of plain\nimpure$/m);
      press("C-d");
      type('echo "back $IN_NIX_SHELL"');
      await screen(/^back$/m);
    });
    test("--command leaves when it is done, unless it returns", async () => {
      type("clear");
      type(`${nixShell} ${plain} --command 'echo "<$WORD>"'; echo "left $?"`);
      await screen(/^<of plain>\nleft 0$/m);
      type(`${nixShell} ${plain} --command 'echo stays; return'`);
      await screen(/^stays\n+\[nix-shell:.*\][#$]$/m);
      press("C-d");
    });
  });
});
