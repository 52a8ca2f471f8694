/** A project from `copse init` on, as its author uses it: with packages that every environment has anyhow, and Debian's alone. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { failure, output, project, write } from "../world.ts";

const MANIFEST = `name = "study"

[system]
packages = ["hostname"] # of the base

[variables]
GREETING = 'two words, "quotes", \${dollars} and \\ ü'

[tasks]
prepare = "echo prepared >> log"
again = { run = "echo again >> log", depends = ["prepare"] }
both = { run = 'cat log; printf "<%s>" "$COPSE_PROJECT"', depends = ["prepare", "again"], cwd = "." }
words = { run = ["printf", "%s|"], env = { GREETING = "hi" } }
greet = "printf '<%s>' \\"$GREETING\\""
fails = "exit 7"
after = { run = "echo never", depends = ["fails"] }
chain = "false | true; echo reached"
`;

test("tasks run in order, in the environment, and are told apart from commands", async () => {
  const cwd = project();
  write(cwd, { "copse.toml": MANIFEST });
  mkdirSync(join(cwd, "deep"));
  const deep = join(cwd, "deep");
  assert.equal(await output(["run", "both"], { cwd: deep }), `prepared\nagain\n<${cwd}>`);
  assert.equal(await output(["run", "words", "a b", "-x"], { cwd }), "a b|-x|");
  assert.equal(await output(["run", "greet"], { cwd }), '<two words, "quotes", ${dollars} and \\ ü>');
  assert.equal(
    await output(["run", "greet", "a  b"], { cwd }),
    '<two words, "quotes", ${dollars} and \\ ü><a  b>',
  );
  assert.equal(await output(["run", "sh", "-c", "pwd"], { cwd: deep }), `${deep}\n`);
  assert.match(await failure(["run", "after"], { cwd, code: 7 }), /`after` was not run/);
  await failure(["run", "chain"], { cwd });
  assert.match(await output(["tasks"], { cwd }), /^again +echo again >> log +after prepare$/m);
});

test("packages are added with their answers, or not at all; comments stay", async () => {
  const cwd = project();
  assert.match(await output(["init", "--name", "study"], { cwd }), /written: .*copse\.toml/);
  write(cwd, { "copse.toml": MANIFEST });
  await output(["add", "--system", "login"], { cwd });
  const manifest = () => readFileSync(join(cwd, "copse.toml"), "utf8");
  const lock = () => readFileSync(join(cwd, "copse.lock"), "utf8");
  assert.equal(manifest(), MANIFEST.replace('["hostname"]', '["hostname", "login"]'));
  assert.match(lock(), /"name":"login"/);
  const before = [manifest(), lock()];
  const missing = await failure(["add", "--system", "no-such-package-anywhere"], { cwd });
  assert.match(missing, /copse\.toml:4:34/);
  assert.deepEqual([manifest(), lock()], before);
  await output(["remove", "login"], { cwd });
  assert.equal(manifest(), MANIFEST);
  assert.doesNotMatch(lock(), /"name":"login"/);
  assert.match(await failure(["remove", "logn"], { cwd }), /package-absent/);
  assert.match(await failure(["init"], { cwd }), /file-exists/);
});

test("what eject writes has the same derivations", async () => {
  const cwd = project();
  write(cwd, {
    "copse.toml": `${MANIFEST}\n[env.more]\nsystem.packages = ["login"]\nvariables = { MORE = "1" }\n`,
  });
  const derivation = (...args: string[]) =>
    output(["run", ...args, "--", "sh", "-c", "echo $COPSE_DERIVATION"], { cwd });
  const own = [await derivation(), await derivation("-e", "more")];
  await output(["eject"], { cwd });
  const ejected = [
    await derivation("-f", "shell.nix"),
    await derivation("-f", "shell.nix", "-A", "environments.more"),
  ];
  assert.deepEqual(ejected, own);
  assert.notEqual(own[0], own[1]);
  assert.equal(await output(["run", "-e", "more", "--", "sh", "-c", "echo $MORE"], { cwd }), "1\n");
  assert.match(await failure(["run", "-e", "mor", "--", "true"], { cwd }), /did you mean more/);
  assert.match(await failure(["eject"], { cwd }), /file-exists/);
});

test("a lock with the marks of a merge conflict is mended", async () => {
  const cwd = project();
  write(cwd, { "copse.toml": MANIFEST });
  await output(["lock"], { cwd });
  const file = join(cwd, "copse.lock");
  const ours = readFileSync(file, "utf8");
  const [line = ""] = /^ *\{"names":.*$/m.exec(ours) ?? [];
  assert.notEqual(line, "");
  const conflict = `<<<<<<< HEAD\n${line}\n||||||| base\n=======\n${line.replace('"hostname"', '"dash"')}\n>>>>>>> other`;
  write(cwd, { "copse.lock": ours.replace(line, () => conflict) });
  assert.match(await failure(["run", "--", "true"], { cwd }), /marks of a merge conflict/);
  await output(["lock"], { cwd });
  assert.equal(readFileSync(file, "utf8"), ours);
});

test("a folder with an environment of its own is not that of the copse.toml above", async () => {
  const cwd = project();
  write(cwd, { "copse.toml": "name = 1\n" });
  const below = join(cwd, "below");
  mkdirSync(below);
  assert.match(await failure(["run", "--", "true"], { cwd: below }), /copse\.toml:1:8/);
  write(below, { "shell.nix": 'throw "shell.nix is read"' });
  assert.match(await failure(["run", "--", "true"], { cwd: below }), /shell\.nix is read/);
});

test("pinned data are paths in the environment", async () => {
  const cwd = project();
  write(cwd, { "copse.toml": MANIFEST, "scan.txt": "voxels\n" });
  await output(["data", "add", "scan", "scan.txt"], { cwd });
  assert.equal(await output(["run", "--", "sh", "-c", "cat $DATA_SCAN"], { cwd }), "voxels\n");
  // What is pinned stays what it is, whatever becomes of the file.
  write(cwd, { "scan.txt": "changed\n" });
  assert.equal(await output(["run", "--", "sh", "-c", "cat $DATA_SCAN"], { cwd }), "voxels\n");
  assert.match(await failure(["data", "add", "scan", "scan.txt"], { cwd }), /data-exists/);
  await output(["data", "add", "scan", "scan.txt", "--force"], { cwd });
  assert.equal(await output(["run", "--", "sh", "-c", "cat $DATA_SCAN"], { cwd }), "changed\n");
  assert.ok(existsSync(join(cwd, "copse.lock")));
});

test("archives of [sources] are asked before those of the machine", async () => {
  const cwd = project();
  const closed = "http://127.0.0.1:9/debian";
  write(cwd, { "copse.toml": `${MANIFEST}\n[sources]\ndebian = "${closed}"\n` });
  assert.match(await failure(["lock"], { cwd }), new RegExp(`http-failed.*\`${closed}`));
  write(cwd, { "copse.toml": `${MANIFEST}\n[sources]\ndebian = "ftp://x"\n` });
  assert.match(await failure(["lock"], { cwd }), /config-invalid.*ftp:\/\/x/);
});
