/** `--frozen`, as in a build farm: the lock counts, and what it lacks is said without asking anybody. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { failure, output, write } from "../world.ts";
import { lockOf, openPythonWorld, type PythonWorld } from "./python-project.ts";

let python: PythonWorld;
before(async () => {
  python = await openPythonWorld();
});
after(() => python.index.close());

test("a lock that answers all is enough, one that does not is told by what it lacks", async () => {
  const at = python.project('[system]\npackages = ["hello"]\n\n[python]\npackages = ["gamma"]\n');
  await output(["lock"], at);
  const locked = lockOf(at);
  await output(["lock", "--frozen"], at);
  python.index.takeRequests();
  write(at.cwd, {
    "copse.toml": '[system]\npackages = ["hello"]\n\n[python]\npackages = ["alpha", "beta<2"]\n',
  });
  for (const args of [
    ["lock", "--frozen"],
    ["run", "--frozen", "true"],
    ["shell", "--frozen"],
  ]) {
    const text = await failure(args, at);
    assert.match(text, /^error\[lock-missing\]: copse\.lock has no answer.*\n.*copse\.toml:5:13$/m);
    assert.match(text, / hint: not in copse\.lock: alpha, beta<2\n +no longer in copse\.toml: gamma\n/);
  }
  assert.deepEqual(python.index.takeRequests(), []);
  write(at.cwd, { "copse.toml": '[system]\npackages = ["hello", "sl"]\n\n[python]\npackages = ["gamma"]\n' });
  assert.match(await failure(["lock", "--frozen"], at), /copse\.toml:2:22/);
  write(at.cwd, { "copse.toml": '[system]\npackages = ["hello"]\n\n[python]\npackages = ["gamma"]\n' });
  assert.match(await failure(["add", "--frozen", "alpha"], at), /not in copse\.lock: alpha/);
  assert.equal(lockOf(at), locked);
});

test("without any lock, none is made", async () => {
  const at = python.project('[python]\npackages = ["gamma"]\n');
  assert.match(
    await failure(["lock", "--frozen"], at),
    /^error\[lock-absent\].*copse\.lock`\n hint: `copse lock`/s,
  );
  assert.match(await failure(["run", "--frozen", "true"], at), /not in copse\.lock: gamma/);
  assert.equal(existsSync(join(at.cwd, "copse.lock")), false);
  assert.match(await failure(["outdated"], at), /^error\[lock-absent\]/);
  assert.match(await failure(["tree"], at), /^error\[lock-missing\]/);
});
