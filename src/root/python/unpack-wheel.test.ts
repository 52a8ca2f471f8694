import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { hash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { byteStringFromText, CopseError } from "#base";
import type { SampleEntry } from "#format/zip/testing";
import { temporaryDirectory } from "../debs-for-tests.ts";
import { unpackWheel } from "./unpack-wheel.ts";
import { digest, type TestWheel, writeWheel } from "./wheels-for-tests.ts";

const pip = spawnSync("python3", ["-m", "pip", "--version"]);
const skip = pip.status === 0 ? false : "the judge `python3 -m pip` is missing: install python3-pip";

function unpack(wheelPath: string, target: string, fileName = wheelPath.replace(/^.*\//, "")) {
  const paths = { wheelPath: byteStringFromText(wheelPath), target: byteStringFromText(target) };
  return unpackWheel({ kind: "unpack-wheel", fileName, python: "python3.11", ...paths });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort();
}

const full: TestWheel = {
  name: "Full_Pack",
  version: "1.2.0",
  files: {
    "full_pack/__init__.py": "import os\n",
    "full_pack/größe.txt": "umlaut",
    "full_pack/empty.py": "",
    "Full_Pack-1.2.0.data/purelib/pure.py": "p = 1\n",
    "Full_Pack-1.2.0.data/platlib/plat.py": "q = 1\n",
    "Full_Pack-1.2.0.data/scripts/tool": "#!python\nprint('tool')\n",
    "Full_Pack-1.2.0.data/headers/pack.h": "#define PACK\n",
    "Full_Pack-1.2.0.data/data/share/pack/table.csv": "a,b\n",
    "full_pack/run.sh": "#!/bin/sh\n",
  },
  executable: ["full_pack/run.sh"],
};

test("every file of a wheel is where it belongs, and its RECORD says so", async (t) => {
  const folder = temporaryDirectory(t);
  const tree = `${folder}/tree`;
  assert.deepEqual(await unpack(writeWheel(folder, full), tree), []);
  const site = "lib/python3.11/site-packages";
  assert.deepEqual(filesIn(tree), [
    "bin/tool",
    "include/site/python3.11/Full_Pack/pack.h",
    ...["INSTALLER", "METADATA", "RECORD", "WHEEL"].map(
      (file) => `${site}/Full_Pack-1.2.0.dist-info/${file}`,
    ),
    `${site}/full_pack/__init__.py`,
    `${site}/full_pack/empty.py`,
    `${site}/full_pack/größe.txt`,
    `${site}/full_pack/run.sh`,
    `${site}/plat.py`,
    `${site}/pure.py`,
    "share/pack/table.csv",
  ]);
  const modes = ["bin/tool", `${site}/full_pack/run.sh`, `${site}/pure.py`].map(
    (path) => statSync(`${tree}/${path}`).mode & 0o777,
  );
  assert.deepEqual(modes, [0o555, 0o555, 0o444]);
  const record = readFileSync(`${tree}/${site}/Full_Pack-1.2.0.dist-info/RECORD`, "utf8").split("\n");
  assert.ok(record.includes(`full_pack/__init__.py,sha256=${digest("import os\n")},10`));
  assert.ok(record.includes("../../../bin/tool,,"));
  assert.ok(record.includes(`../../../share/pack/table.csv,sha256=${digest("a,b\n")},4`));
});

test("files have the store's modes and times, whatever the umask", async (t) => {
  const folder = temporaryDirectory(t);
  const wheel = writeWheel(folder, full);
  const before = process.umask(0o077);
  try {
    await unpack(wheel, `${folder}/tree`);
  } finally {
    process.umask(before);
  }
  const stats = ["bin/tool", "lib/python3.11/site-packages/pure.py"].map((path) =>
    statSync(`${folder}/tree/${path}`),
  );
  assert.deepEqual(
    stats.map(({ mode, mtimeMs }) => [mode & 0o7777, mtimeMs]),
    [
      [0o555, 1000],
      [0o444, 1000],
    ],
  );
});

test("a file that comes in pieces is held against a hash of another kind, too", async (t) => {
  const folder = temporaryDirectory(t);
  const contents = randomBytes(9 << 20);
  const large = (hashed: Buffer) =>
    writeWheel(folder, {
      info: { RECORD: `large.bin,sha512=${hash("sha512", hashed, "base64url")},${hashed.length}\n` },
      further: [{ name: "large.bin", contents }],
    });
  await unpack(large(contents), `${folder}/tree`);
  const site = `${folder}/tree/lib/python3.11/site-packages`;
  assert.ok(readFileSync(`${site}/large.bin`).equals(contents));
  const record = readFileSync(`${site}/pkg-1.0.dist-info/RECORD`, "utf8");
  assert.ok(
    record.includes(`large.bin,sha256=${hash("sha256", contents, "base64url")},${contents.length}\n`),
  );
  const other = Buffer.from(contents);
  other[8 << 20]! ^= 1;
  await assert.rejects(unpack(large(other), `${folder}/second`), { code: "wheel-record" });
});

test("pip unpacks to the same files", { skip }, async (t) => {
  const folder = temporaryDirectory(t);
  const wheel = writeWheel(folder, full);
  await unpack(wheel, `${folder}/tree`);
  const args = [
    "-m",
    "pip",
    "install",
    "--no-index",
    "--no-deps",
    "--no-compile",
    "--target",
    `${folder}/judge`,
  ];
  const { status, stderr } = spawnSync("python3", [...args, wheel], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  // With --target, site-packages is the folder itself, and headers have no place.
  const site = /^lib\/python3\.11\/site-packages\//;
  const ours = filesIn(`${folder}/tree`).filter((path) => !path.startsWith("include/"));
  const judged = filesIn(`${folder}/judge`).filter((path) => !/REQUESTED$|direct_url\.json$|\.h$/.test(path));
  assert.deepEqual(ours.map((path) => path.replace(site, "")).sort(), judged.sort());
  for (const path of ours.filter((one) => !/RECORD$|INSTALLER$|^bin\//.test(one)))
    assert.deepEqual(
      readFileSync(`${folder}/tree/${path}`),
      readFileSync(`${folder}/judge/${path.replace(site, "")}`),
    );
});

test("what RECORD leaves out or has too much is told, and no more", async (t) => {
  const folder = temporaryDirectory(t);
  const wheel = writeWheel(folder, {
    files: { "a.py": "1", "b.py": "2" },
    info: {
      RECORD: `a.py,sha256=${digest("1")},1\nc.py,sha256=${digest("3")},1\npkg-1.0.dist-info/METADATA,,\n`,
    },
  });
  assert.deepEqual(await unpack(wheel, `${folder}/tree`), [
    "RECORD does not list b.py and 1 more",
    "RECORD lists what is not there: c.py",
  ]);
});

const info = "pkg-1.0.dist-info";
const link: SampleEntry = { name: "link.py", contents: "/etc/passwd", mode: 0o120777 };
const wrong: readonly (readonly [what: string, wheel: TestWheel, code: string, file?: string])[] = [
  [
    "a wrong hash",
    { files: { "a.py": "1" }, info: { RECORD: `a.py,sha256=${digest("2")},1\n` } },
    "wheel-record",
  ],
  [
    "a wrong size",
    { files: { "a.py": "1" }, info: { RECORD: `a.py,sha256=${digest("1")},2\n` } },
    "wheel-record",
  ],
  [
    "a weak hash",
    { files: { "a.py": "1" }, info: { RECORD: "a.py,md5=xMpCOKC5I4INzFCab3WEmw,1\n" } },
    "wheel-record",
  ],
  ["no RECORD", { info: { RECORD: undefined } }, "wheel-incomplete"],
  ["no METADATA", { info: { METADATA: undefined } }, "wheel-incomplete"],
  ["no WHEEL", { info: { WHEEL: undefined } }, "wheel-incomplete"],
  ["a newer format", { info: { WHEEL: "Wheel-Version: 2.0\n" } }, "wheel-version"],
  [
    "another name inside",
    { info: { METADATA: "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n" } },
    "wheel-name",
  ],
  [
    "another version inside",
    { info: { METADATA: "Metadata-Version: 2.1\nName: pkg\nVersion: 2.0\n" } },
    "wheel-name",
  ],
  ["another name outside", {}, "wheel-name", "other-1.0-py3-none-any.whl"],
  ["two folders of metadata", { files: { "x-1.dist-info/METADATA": "" } }, "wheel-incomplete"],
  ["a link", { further: [link] }, "wheel-member"],
  ["a path upwards", { further: [{ name: "../evil.py", contents: "" }] }, "zip-path"],
  ["an absolute path", { further: [{ name: "/evil.py", contents: "" }] }, "zip-path"],
  ["a path of another system", { further: [{ name: "..\\evil.py", contents: "" }] }, "wheel-path"],
  ["a path twice", { files: { "a.py": "1" }, further: [{ name: "a.py", contents: "2" }] }, "zip-duplicate"],
  ["one place twice", { files: { "a.py": "1", "pkg-1.0.data/purelib/a.py": "1" } }, "wheel-path-twice"],
  ["a file in the place of its INSTALLER", { files: { [`${info}/INSTALLER/x`]: "" } }, "wheel-path-twice"],
  ["data without a place", { files: { "pkg-1.0.data/other/a": "" } }, "wheel-layout"],
  ["data that leaves the tree", { files: { "pkg-1.0.data/data/../../a": "" } }, "zip-path"],
  ["wrong contents", { further: [{ name: "a.py", contents: "12", crc32: 1 }] }, "zip-invalid"],
  ["encryption", { further: [{ name: "a.py", contents: "1", flags: 1 }] }, "zip-encrypted"],
];

for (const [what, wheel, code, file] of wrong)
  test(`a wheel with ${what} is refused, and nothing is left`, async (t) => {
    const folder = temporaryDirectory(t);
    const path = writeWheel(folder, wheel);
    await assert.rejects(unpack(path, `${folder}/tree`, file), (error) => {
      assert.ok(error instanceof CopseError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, /^Cannot unpack (?:pkg|other)-1\.0-py3-none-any\.whl: /);
      return true;
    });
    assert.equal(existsSync(`${folder}/tree`), false);
    assert.equal(existsSync(`${folder}/evil.py`), false);
  });

test("a truncated wheel is refused", async (t) => {
  const folder = temporaryDirectory(t);
  const whole = readFileSync(writeWheel(folder, { files: { "a.py": "x".repeat(1000) } }));
  for (const end of [0, 10, whole.length >> 1, whole.length - 1]) {
    const { writeFileSync } = await import("node:fs");
    writeFileSync(`${folder}/pkg-1.0-py3-none-any.whl`, whole.subarray(0, end));
    await assert.rejects(
      unpack(`${folder}/pkg-1.0-py3-none-any.whl`, `${folder}/tree`),
      (error) => error instanceof CopseError && error.code === "zip-invalid",
    );
  }
});
