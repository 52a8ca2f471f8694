/** What happens to a copse.lock besides being written by one copse: merges, hands, several at once. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { failure, output, write } from "../world.ts";
import { lockedIn, lockOf, manifestOf, openPythonWorld, type PythonWorld } from "./python-project.ts";

let python: PythonWorld;
before(async () => {
  python = await openPythonWorld();
});
after(() => python.index.close());

const system = process.arch === "x64" ? "x86_64-linux" : "aarch64-linux";
const noGit = spawnSync("git", ["--version"]).status === 0 ? false : "git is not installed";

test("a merge of two branches that both have added packages is mended", { skip: noGit }, async () => {
  const at = python.project('[python]\npackages = [\n  "epsilon",\n]\n');
  const git = (...args: string[]) => {
    const settings = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
    return spawnSync("git", [...settings, ...args], {
      ...{ cwd: at.cwd, encoding: "utf8" },
      env: { PATH: process.env["PATH"], HOME: at.cwd, GIT_CONFIG_NOSYSTEM: "1" },
    });
  };
  const commit = (message: string) => {
    git("add", "copse.toml", "copse.lock");
    assert.equal(git("commit", "-q", "-m", message).status, 0);
  };
  git("init", "-q", "-b", "main");
  await output(["lock"], at);
  commit("begin");
  git("checkout", "-q", "-b", "theirs");
  await output(["add", "gamma"], at);
  commit("theirs");
  git("checkout", "-q", "main");
  await output(["add", "delta"], at);
  commit("ours");
  assert.equal(git("merge", "-q", "theirs").status, 1);
  assert.match(lockOf(at), /^<{7} /m);
  assert.match(await failure(["run", "true"], at), /error\[manifest-syntax\].*copse\.toml:\d+/s);
  write(at.cwd, { "copse.toml": '[python]\npackages = [\n  "epsilon",\n  "delta",\n  "gamma",\n]\n' });
  assert.match(await failure(["run", "true"], at), /marks of a merge conflict.*hint: `copse lock` mends it/s);
  await output(["lock"], at);
  assert.deepEqual(lockedIn(at, system), ["beta 1.0", "delta 0.1", "epsilon 7", "gamma 1.0"]);
  const mended = lockOf(at);
  await output(["lock", "--frozen"], at);
  assert.match(await output(["lock"], at), /^unchanged: /m);
  assert.equal(lockOf(at), mended);
});

test("a lock that was edited by hand is refused with the place and the way out", async () => {
  const at = python.project('[python]\npackages = ["gamma"]\n');
  await output(["lock"], at);
  const whole = lockOf(at);
  const damaged: readonly [what: string, text: string, said: RegExp][] = [
    [
      "a hash that is too short",
      whole.replace(/"sha256": "[0-9a-f]{4}/, '"sha256": "'),
      /lock-invalid.*sha256/,
    ],
    ["an unknown field", whole.replace('"name": "beta"', '"nmae": "beta"'), /lock-invalid.*nmae/],
    ["another version", whole.replace('"version": 1,', '"version": 99,'), /lock-version.*99/],
    ["no end", whole.slice(0, whole.length >> 1), /lock-invalid/],
    [
      "a key twice",
      whole.replace('"version": 1,', '"version": 1,\n  "version": 1,'),
      /lock-invalid.*version/,
    ],
    [
      "an answer without its package",
      whole.replace('"beta==1.0"', '"beta==9.9"'),
      /lock-invalid.*beta==9\.9/,
    ],
    ["something else", "not a lock\n", /lock-invalid/],
  ];
  for (const [what, text, said] of damaged) {
    assert.notEqual(text, whole, what);
    write(at.cwd, { "copse.lock": text });
    for (const args of [["run", "true"], ["lock"], ["tree"]]) {
      const printed = await failure(args, at);
      assert.match(printed, said, what);
      assert.match(printed, /copse\.lock:\d+:\d+/, what);
      assert.match(printed, / hint: /, what);
    }
    assert.equal(lockOf(at), text, what);
  }
});

test("several that edit at once lose nothing", async () => {
  const at = python.project("[python]\npackages = []\n");
  const names = ["alpha", "gamma", "delta", "epsilon"];
  await Promise.all(names.map((name) => output(["add", name], at)));
  for (const name of names) assert.match(manifestOf(at), new RegExp(`"${name}"`));
  assert.deepEqual(lockedIn(at, system), ["alpha 1.1", "beta 1.0", "delta 0.1", "epsilon 7", "gamma 1.0"]);
  assert.match(await output(["lock"], at), /^unchanged: /m);
  assert.deepEqual(readdirSync(at.cwd).sort(), ["copse.lock", "copse.toml"]);
});
