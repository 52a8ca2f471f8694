import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type TestContext, test } from "node:test";
import { byteStringFromText, CopseError } from "#base";
import { temporaryDirectory } from "../debs-for-tests.ts";
import type { PackageTree } from "./merge-trees.ts";
import { makePythonEnvironment } from "./python-environment.ts";
import { entryPointScript, shebang, withInterpreter } from "./script-text.ts";

const host = spawnSync(
  "/usr/bin/python3",
  ["-c", "import sys; print('python%d.%d' % sys.version_info[:2])"],
  {
    encoding: "utf8",
  },
);
const python = host.status === 0 ? host.stdout.trim() : "python3.11";
const skip = host.status === 0 ? false : "the judge `/usr/bin/python3` is missing: install python3";
const SITE = `lib/${python}/site-packages`;

type Files = Readonly<Record<string, string>>;

/** Trees that lie where they say: links then lead to what is there. */
function packageTree(t: TestContext, name: string, files: Files, bytecode?: Files): PackageTree {
  const write = (contents: Files) => {
    const folder = temporaryDirectory(t);
    for (const [path, text] of Object.entries(contents)) {
      mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      writeFileSync(`${folder}/${path}`, text);
    }
    return { storePath: byteStringFromText(folder), realPath: byteStringFromText(folder) };
  };
  return { name, tree: write(files), ...(bytecode && { bytecode: write(bytecode) }) };
}

function make(t: TestContext, packages: readonly PackageTree[]) {
  const target = `${temporaryDirectory(t)}/env`;
  const place = byteStringFromText(target);
  const notes = makePythonEnvironment({
    kind: "python-environment",
    ...{ packages, python, pythonVersion: "3.11.2", storePath: place, target: place },
  });
  return { target, notes };
}

test("an interpreter that is not in /usr/bin is found where it is", { skip }, (t) => {
  const prefix = temporaryDirectory(t);
  mkdirSync(`${prefix}/bin`);
  symlinkSync(`/usr/bin/${python}`, `${prefix}/bin/${python}`);
  const target = `${temporaryDirectory(t)}/env`;
  const place = byteStringFromText(target);
  const interpreter = byteStringFromText(`${prefix}/bin/${python}`);
  makePythonEnvironment({
    kind: "python-environment",
    ...{ packages: [], python, interpreter, pythonVersion: "3.11.2", storePath: place, target: place },
  });
  assert.equal(readlinkSync(`${target}/bin/python3`), `${prefix}/bin/${python}`);
  const script = "import sys; print(sys.prefix, sys._home)";
  const judged = spawnSync(`${target}/bin/python3`, ["-I", "-c", script], { encoding: "utf8" });
  assert.equal(judged.stdout, `${target} ${prefix}/bin\n`, judged.stderr);
});

test("CPython takes it for a virtual environment, with all packages and nothing of the system's", {
  skip,
}, (t) => {
  const { target, notes } = make(t, [
    packageTree(t, "a-1", {
      [`${SITE}/space/a.py`]: "A = 1\n",
      [`${SITE}/line.pth`]: "import sys; sys.pth_seen = 1\n",
    }),
    packageTree(t, "b-1", {
      [`${SITE}/space/b.py`]: "from space.a import A\nB = A + 1\n\ndef main():\n    print('main', B)\n",
      [`${SITE}/b-1.dist-info/entry_points.txt`]:
        "[console_scripts]\nb-tool = space.b:main\n[gui_scripts]\nb-gui=space.b:main [x]\n",
      [`${SITE}/b-1.dist-info/METADATA`]: "Metadata-Version: 2.1\nName: b\nVersion: 1\n",
      "bin/raw": "#!python -E\nfrom space.b import main; main()\n",
      "bin/other": "#!/bin/sh\necho other\n",
      "share/b/data": "d",
    }),
  ]);
  assert.deepEqual(notes, []);
  const run = (program: string, ...args: string[]) =>
    spawnSync(program, args, { encoding: "utf8", env: { PATH: "/usr/bin:/bin" } }).stdout;
  const script =
    "import sys, space.b, importlib.metadata as m; print(sys.prefix, space.b.B, sys.pth_seen, m.version('b'), any('dist-packages' in p for p in sys.path))";
  assert.equal(run(`${target}/bin/python3`, "-c", script), `${target} 2 1 1 False\n`);
  for (const name of ["b-tool", "b-gui", "raw"]) assert.equal(run(`${target}/bin/${name}`), "main 2\n");
  for (const name of ["b-tool", "raw", "python3", "other"])
    assert.ok((statSync(`${target}/bin/${name}`).mode & 0o111) !== 0 || name === "other");
  assert.equal(readFileSync(`${target}/share/b/data`, "utf8"), "d");
  assert.ok(lstatSync(`${target}/${SITE}/space`).isDirectory(), "folders are no links");
  assert.ok(lstatSync(`${target}/${SITE}/space/a.py`).isSymbolicLink());
});

test("a later package's file is taken, which is told but for equal files", (t) => {
  const first = packageTree(t, "first-1", {
    [`${SITE}/tests/__init__.py`]: "1",
    [`${SITE}/tests/a.py`]: "1",
    [`${SITE}/same.py`]: "same",
  });
  const second = packageTree(t, "second-1", {
    [`${SITE}/tests/__init__.py`]: "2",
    [`${SITE}/tests/a.py`]: "2",
    [`${SITE}/same.py`]: "same",
  });
  const { target, notes } = make(t, [first, second]);
  assert.deepEqual(notes, [
    `first-1 and second-1 both have ${SITE}/tests/__init__.py and 1 more: that of second-1 is taken`,
  ]);
  assert.equal(readFileSync(`${target}/${SITE}/tests/a.py`, "utf8"), "2");
});

test("byte code comes from the package whose source does", (t) => {
  const pyc = (name: string) => `${SITE}/__pycache__/${name}.cpython-311.pyc`;
  const first = packageTree(
    t,
    "first-1",
    { [`${SITE}/m.py`]: "1", [`${SITE}/n.py`]: "1" },
    { [pyc("m")]: "", [pyc("n")]: "" },
  );
  const second = packageTree(t, "second-1", { [`${SITE}/m.py`]: "2" }, {});
  const { target } = make(t, [first, second]);
  assert.equal(existsSync(`${target}/${pyc("m")}`), false);
  assert.equal(readlinkSync(`${target}/${pyc("n")}`), `${first.bytecode?.storePath}/${pyc("n")}`);
});

test("byte code that a wheel brings gives way to that of its source", (t) => {
  const pyc = `${SITE}/__pycache__/m.cpython-311.pyc`;
  const one = packageTree(t, "one-1", { [`${SITE}/m.py`]: "1", [pyc]: "old" }, { [pyc]: "ours" });
  const { target, notes } = make(t, [one]);
  assert.deepEqual(notes, []);
  assert.equal(readFileSync(`${target}/${pyc}`, "utf8"), "ours");
});

test("a folder and a file of one name are refused with both packages' names", (t) => {
  const folder = packageTree(t, "folder-1", { [`${SITE}/x/y.py`]: "" });
  const file = packageTree(t, "file-1", { [`${SITE}/x`]: "" });
  for (const packages of [
    [folder, file],
    [file, folder],
  ])
    assert.throws(
      () => make(t, packages),
      (error) =>
        error instanceof CopseError &&
        error.code === "python-collision" &&
        /folder-1 and file-1/.test(error.message),
    );
});

test("a package's own `python3` does not take the interpreter's place", (t) => {
  const { target, notes } = make(t, [packageTree(t, "bad-1", { "bin/python3": "#!python\n" })]);
  assert.deepEqual(notes, ["bad-1 has a program of its own called python3: it is left out"]);
  assert.equal(readlinkSync(`${target}/bin/python3`), `/usr/bin/${python}`);
});

for (const [name, what] of [
  ["../evil", "a name with a path"],
  ["..", "a name that is a folder"],
] as const)
  test(`an entry point with ${what} is refused`, (t) => {
    const tree = packageTree(t, "evil-1", {
      [`${SITE}/evil-1.dist-info/entry_points.txt`]: `[console_scripts]\n${name} = a:b\n`,
    });
    assert.throws(
      () => make(t, [tree]),
      (error) =>
        error instanceof CopseError && error.code === "python-script" && /evil-1/.test(error.message),
    );
  });

test("an entry point cannot hold code", () => {
  for (const attribute of ["", "main; import os", "a-b", "a.", "1a"])
    assert.throws(
      () => entryPointScript({ name: "x", module: "m", attribute }, "/p"),
      (error) => error instanceof CopseError && error.code === "python-script",
    );
});

test("an interpreter whose name does not fit into the first line is started all the same", { skip }, (t) => {
  const folder = `${temporaryDirectory(t)}/${"long".repeat(40)}/with blank`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/python3`, '#!/bin/sh\nexec /usr/bin/python3 "$@"\n', { mode: 0o755 });
  const script = withInterpreter(
    Buffer.from("#!python\nimport sys; print(sys.argv[1:])\n"),
    `${folder}/python3`,
  );
  writeFileSync(`${folder}/script`, script ?? "", { mode: 0o755 });
  const { stdout, stderr } = spawnSync(`${folder}/script`, ["a b", "c"], { encoding: "utf8" });
  assert.equal(stdout, "['a b', 'c']\n", stderr);
});

test("first lines", () => {
  assert.equal(shebang("/nix/store/x/bin/python3", "-E"), "#!/nix/store/x/bin/python3 -E\n");
  assert.equal(withInterpreter(Buffer.from("#!python\r\nx\n"), "/p")?.toString(), "#!/p\nx\n");
  assert.equal(withInterpreter(Buffer.from("#!pythonw -s\nx"), "/p")?.toString(), "#!/p -s\nx");
  assert.equal(withInterpreter(Buffer.from("#!/bin/sh\nx"), "/p"), undefined);
  assert.equal(withInterpreter(Buffer.from("\x7fELF"), "/p"), undefined);
});
