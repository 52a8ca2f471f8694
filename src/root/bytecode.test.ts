import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { compileBytecode, hasPythonSources } from "./bytecode.ts";
import { temporaryDirectory } from "./debs-for-tests.ts";
import type { RunInView } from "./run-in-view.ts";

const python = spawnSync("/usr/bin/python3", ["-c", "import compileall"]);
const skip = python.status === 0 ? false : "the judge `/usr/bin/python3` is missing: install python3";

/** Runs the host's program, with the binds' real paths in place of those in the view. */
const runOnHost: RunInView = async (_viewDir, argv, { env, binds }) => {
  const real = argv.map((word) => binds.find(({ target }) => target === word)?.source ?? word);
  const { status, stdout, stderr } = spawnSync(real[0] as string, real.slice(1), { env });
  return { exitCode: status ?? 1, stdout, stderr: String(stderr) };
};

const SOURCES: Readonly<Record<string, string>> = {
  "usr/lib/python3/dist-packages/pack/__init__.py": 'from .a import where\nNAMES = {"x", "y", "z"}\n',
  "usr/lib/python3/dist-packages/pack/a.py":
    "def where():\n    return where.__code__.co_filename, __file__, __cached__\n",
  "usr/lib/python3/dist-packages/pack/broken.py": "print 'python 2'\n",
  "usr/lib/python3/dist-packages/pack/latin.py": "# coding: latin-1\nx = 'a'\n",
  "usr/lib/python3/dist-packages/pack/null.py": "x = 1\0\n",
  "usr/share/tool/main.py": "x = 1\n",
  "usr/share/doc/pack/example.py": "x = 1\n",
  "usr/lib/python2.7/old.py": "x = 1\n",
  "etc/python/conf.py": "x = 1\n",
};

function writeSources(tree: string): void {
  for (const [path, text] of Object.entries(SOURCES)) {
    mkdirSync(`${tree}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    writeFileSync(`${tree}/${path}`, text);
  }
  symlinkSync("a.py", `${tree}/usr/lib/python3/dist-packages/pack/alias.py`);
}

const filesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".pyc"))
    .sort();

test("byte code is what compileall makes, and Python uses it", { skip }, async (t) => {
  const directory = temporaryDirectory(t);
  const [tree, target, judge] = [`${directory}/tree`, `${directory}/bytecode`, `${directory}/judge`];
  writeSources(tree);
  await compileBytecode({ packageTree: tree, target, python: "python3", viewDir: "/", runInView: runOnHost });

  writeSources(judge);
  const roots = ["usr/lib/python3", "usr/share/tool"].map((path) => `${judge}/${path}`);
  const args = [
    "-m",
    "compileall",
    "-q",
    "--invalidation-mode",
    "unchecked-hash",
    "-s",
    judge,
    "-p",
    "/",
    ...roots,
  ];
  spawnSync("/usr/bin/python3", args, { env: { PYTHONHASHSEED: "0" } });
  const expected = filesIn(judge).filter((name) => !name.includes("alias"));
  assert.ok(expected.length >= 4);
  assert.deepEqual(filesIn(target), expected);
  for (const name of expected)
    assert.deepEqual(readFileSync(`${target}/${name}`), readFileSync(`${judge}/${name}`), name);

  await compileBytecode({
    packageTree: tree,
    target: `${target}2`,
    python: "python3",
    viewDir: "/",
    runInView: runOnHost,
  });
  for (const name of expected)
    assert.deepEqual(readFileSync(`${target}2/${name}`), readFileSync(`${target}/${name}`), name);

  // Unchecked: the source may change without the byte code being left aside.
  cpSync(target, tree, { recursive: true });
  writeFileSync(`${tree}/usr/lib/python3/dist-packages/pack/a.py`, "def where():\n    return 'source'\n");
  const program = `import sys; sys.path.insert(0, "${tree}/usr/lib/python3/dist-packages"); import pack; print(pack.where())`;
  const run = spawnSync("/usr/bin/python3", ["-I", "-c", program], { encoding: "utf8" });
  assert.match(run.stdout, /__pycache__\/a\.cpython-.*\.pyc/, run.stderr);
});

test("a package without Python sources needs no process", async (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(`${directory}/tree/.copse/control`, { recursive: true });
  writeFileSync(`${directory}/tree/.copse/control/x.py`, "");
  assert.equal(hasPythonSources(`${directory}/tree`), false);
  const never: RunInView = () => assert.fail("A process was started");
  const target = `${directory}/out`;
  await compileBytecode({
    packageTree: `${directory}/tree`,
    target,
    python: "python3",
    viewDir: "/",
    runInView: never,
  });
  assert.deepEqual(readdirSync(target), []);
});
