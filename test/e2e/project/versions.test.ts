/** Which versions a project has: asked for, locked, renewed, explained. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { failure, output, write } from "../world.ts";
import { lockOf, manifestOf, openPythonWorld, type PythonWorld } from "./python-project.ts";

let python: PythonWorld;
before(async () => {
  python = await openPythonWorld();
});
after(() => python.index.close());

const fresh = (packages: string) => python.project(`name = "study"\n\n[python]\npackages = ${packages}\n`);

test("what is added comes with its version, and what it brings along", async () => {
  const at = fresh("[]");
  assert.equal(await output(["add", "alpha[more]==1.0", "gamma"], at), "+ alpha 1.0\n+ gamma 1.0\n");
  assert.match(manifestOf(at), /^packages = \["alpha\[more\]==1\.0", "gamma"\]$/m);
  assert.equal(await output(["add", "epsilon"], at), "+ epsilon 7\n");
  // Without gamma, beta may be newer; what is locked stays nevertheless, until an update is wanted.
  assert.equal(await output(["remove", "gamma"], at), "- gamma 1.0\n");
  assert.match(await output(["update", "beta"], at), /^~ beta 1\.0 → 2\.0\nPython 3\.11 \S+: 4 packages\n/);
  assert.equal(await output(["add", "gamma"], at), "+ gamma 1.0\n  ~ beta 2.0 → 1.0\n");
  assert.equal(await output(["add", "gamma"], at), "= gamma 1.0\n");
  const { changes, lock } = JSON.parse(await output(["add", "alpha", "--json"], at));
  assert.deepEqual(changes, [{ name: "alpha", change: "changed" }]);
  assert.deepEqual(
    lock.changes.map(({ name, before: old, after: current }: Record<string, unknown>) => [
      name,
      old,
      current,
    ]),
    [["delta", "0.1", null]],
  );
});

test("packages go to the group and the environment that are meant", async () => {
  const at = fresh("[]");
  await output(["add", "--dev", "alpha"], at);
  await output(["add", "--group", "docs", "beta"], at);
  await output(["add", "--env", "gpu", "delta"], at);
  await output(["add", "--system", "--env", "gpu", "hello"], at);
  const text = manifestOf(at);
  assert.match(text, /\[python\.groups\]\n+dev = \["alpha"\]\ndocs = \["beta"\]/);
  assert.match(text, /\[env\.gpu\.python\]\n+packages = \["delta"\]/);
  assert.match(text, /\[env\.gpu\.system\]\n+packages = \["hello"\]/);
  assert.equal(await output(["tree"], at), "python:\n  alpha 1.1\n  └─ beta 2.0\n");
  assert.match(
    await output(["tree", "-e", "gpu"], at),
    /^system:\n {2}hello\npython:\n {2}alpha.*\n.*\n {2}delta/,
  );
  assert.match(await failure(["add", "--dev", "--system", "x"], at), /^error\[option-conflict\]/);
  assert.match(await output(["remove", "--env", "gpu", "delta"], at), /^- delta 0\.1$/m);
  assert.match(manifestOf(at), /\[env\.gpu\.python\]\n+packages = \[\]/);
});

test("an update renews all, or what is named; outdated says which, and writes nothing", async () => {
  const at = fresh('["alpha==1.0", "gamma", "epsilon"]');
  await output(["lock"], at);
  write(at.cwd, { "copse.toml": '[python]\npackages = ["alpha", "epsilon"]\n' });
  await output(["lock"], at);
  const before = lockOf(at);
  const rows = (await output(["outdated"], at)).trimEnd().split("\n");
  assert.deepEqual(
    rows.map((row) => row.split(/ {2,}/)[0]),
    ["package", "alpha", "beta"],
  );
  const listed = JSON.parse(await output(["outdated", "--json"], at));
  assert.deepEqual(
    listed.map(({ name, locked, newer }: Record<string, string>) => [name, locked, newer]),
    [
      ["alpha", "1.0", "1.1"],
      ["beta", "1.0", "2.0"],
    ],
  );
  assert.equal(lockOf(at), before);
  assert.match(await output(["update", "alpha"], at), /^~ alpha 1\.0 → 1\.1\nPython/);
  assert.match(await output(["update"], at), /^~ beta 1\.0 → 2\.0\nPython/);
  assert.equal(await output(["outdated"], at), "");
  assert.match(await output(["update"], at), /\nunchanged: /);
});

test("what cannot be had together changes nothing", async () => {
  const at = fresh('["gamma"]');
  await output(["lock"], at);
  const before = [manifestOf(at), lockOf(at)];
  const text = await failure(["add", "beta>=2"], at);
  assert.match(text, /^error\[python-no-solution\]/);
  assert.match(text, /copse\.toml:4:\d+/);
  assert.deepEqual([manifestOf(at), lockOf(at)], before);
  assert.match(await failure(["add", "no-such-name"], at), /error\[python-package-unknown\].*no-such-name/);
  assert.deepEqual([manifestOf(at), lockOf(at)], before);
  await output(["add", "--no-lock", "beta>=2"], at);
  assert.match(manifestOf(at), /"beta>=2"/);
  assert.equal(lockOf(at), before[1]);
});

test("why names the ways that lead to a package", async () => {
  const at = fresh('["alpha[more]", "gamma"]');
  await output(["lock"], at);
  assert.equal(
    await output(["why", "Beta"], at),
    "copse.toml → alpha 1.1 → beta 1.0\ncopse.toml → gamma 1.0 → beta 1.0\n",
  );
  assert.equal(await output(["why", "gamma"], at), "copse.toml → gamma 1.0\n");
  assert.deepEqual(JSON.parse(await output(["why", "delta", "--json"], at)), [["alpha", "delta"]]);
  assert.match(await failure(["why", "betta"], at), /error\[package-absent\].*did you mean beta/s);
  assert.match(await failure(["why"], at), /error\[package-missing\]/);
});

test("a project at hand stands in the tree with what it needs", async () => {
  const at = python.project(
    '[python]\npackages = ["epsilon", { name = "own-lib", path = "lib", editable = true }]\n',
  );
  mkdirSync(join(at.cwd, "lib"));
  write(join(at.cwd, "lib"), {
    "pyproject.toml": '[project]\nname = "own-lib"\nversion = "1"\ndependencies = ["gamma"]\n',
  });
  await output(["lock"], at);
  assert.equal(
    await output(["tree"], at),
    "python:\n  epsilon 7\n  own-lib (lib)\n  └─ gamma 1.0\n     └─ beta 1.0\n",
  );
  assert.equal(await output(["why", "beta"], at), "copse.toml → own-lib (lib) → gamma 1.0 → beta 1.0\n");
  assert.match(await output(["export", "--format", "requirements"], at), /^gamma==1\.0 /m);
});

test("a build's log is found by its package", async () => {
  const at = fresh('["source"]');
  assert.match(
    await output(["run", "--", "python3", "-c", "import source; print(source.__version__)"], at),
    /0\.5/,
  );
  const named = (await output(["log"], at)).trim().split("\n");
  assert.match(named.join(" "), /source/);
  assert.match(await output(["log", named[0] as string], at), /building aloud/);
  assert.match(await failure(["log", "sorce"], at), /error\[log-missing\]/);
});

test("a word that several commands begin with has a help of its own", async () => {
  const at = fresh("[]");
  for (const args of [
    ["kernel", "--help"],
    ["help", "kernel"],
  ])
    assert.match(await output(args, at), /^usage: copse kernel COMMAND.*kernel install.*kernel remove/s);
  assert.match(await failure(["kernal", "--help"], at), /command-unknown/);
});
