/**
 * Wheels as nobody should make them: each is refused by its name with a way out, or taken for a stated reason, and
 * nothing of what is refused stays. uv is the judge of what must be refused at least.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { byteStringFromText, CopseError } from "#base";
import type { SampleEntry } from "#format/zip/testing";
import { temporaryDirectory } from "../debs-for-tests.ts";
import { unpackWheel, type WheelLimits } from "./unpack-wheel.ts";
import { digest, type TestWheel, writeWheel } from "./wheels-for-tests.ts";

const UV = process.env["COPSE_UV"] ?? "uv";
const noUv =
  spawnSync(UV, ["--version"]).status === 0 && spawnSync("/usr/bin/python3", ["--version"]).status === 0
    ? false
    : "the judge uv ($COPSE_UV), or /usr/bin/python3, is missing";

const SITE = "lib/python3.11/site-packages";
const INFO = "pkg-1.0.dist-info";
const FILE = "pkg-1.0-py3-none-any.whl";

function unpack(folder: string, options: { readonly limits?: WheelLimits; readonly file?: string } = {}) {
  const { limits, file = FILE } = options;
  return unpackWheel({
    kind: "unpack-wheel",
    fileName: file,
    python: "python3.11",
    wheelPath: byteStringFromText(`${folder}/${FILE}`),
    target: byteStringFromText(`${folder}/tree`),
    ...(limits && { limits }),
  });
}

interface Refused {
  readonly what: string;
  readonly wheel: TestWheel;
  readonly code: string;
  readonly limits?: WheelLimits;
  /** What the wheel is called where it was got. */
  readonly file?: string;
}

const entry = (name: string, more: Partial<SampleEntry> = {}): TestWheel => ({
  further: [{ name, contents: "x", ...more }],
});
const zeros = Buffer.alloc(1 << 20);
const metadata = (text: string): TestWheel => ({ info: { METADATA: text } });
const record = (text: string): TestWheel => ({ files: { "a.py": "1" }, info: { RECORD: text } });

const refused: readonly Refused[] = [
  { what: "a path upwards in the middle", wheel: entry("pkg/../../evil.py"), code: "zip-path" },
  { what: "a path upwards out of .data", wheel: entry("pkg-1.0.data/scripts/../../../x"), code: "zip-path" },
  { what: "a path of a drive", wheel: entry("C:/evil.py"), code: "wheel-path" },
  { what: "a line break in a path", wheel: entry("a\nb.py"), code: "wheel-path" },
  {
    what: "a line break in a program's name",
    wheel: entry("pkg-1.0.data/scripts/a\nb"),
    code: "wheel-path",
  },
  { what: "a NUL in a path", wheel: entry("a\0b.py"), code: "zip-path" },
  { what: "a name that is too long for Linux", wheel: entry("n".repeat(256)), code: "wheel-path" },
  { what: "a path that is too long for Linux", wheel: entry(`${"dir/".repeat(900)}a`), code: "wheel-path" },
  {
    what: "a link as folder of a file",
    wheel: {
      further: [
        { name: "out", contents: "/etc", mode: 0o120777 },
        { name: "out/evil", contents: "" },
      ],
    },
    code: "zip-duplicate",
  },
  { what: "a device", wheel: entry("null", { mode: 0o020666 }), code: "wheel-member" },
  { what: "a pipe", wheel: entry("pipe", { mode: 0o010666 }), code: "wheel-member" },
  {
    what: "a folder in the place of a file",
    wheel: { files: { a: "1", "pkg-1.0.data/purelib/a/b": "2" } },
    code: "wheel-path-twice",
  },
  {
    what: "data in the place of its RECORD",
    wheel: { files: { [`pkg-1.0.data/data/${SITE}/${INFO}/RECORD`]: "" } },
    code: "wheel-path-twice",
  },
  { what: "data without a kind", wheel: { files: { "pkg-1.0.data/a": "1" } }, code: "wheel-layout" },
  {
    what: "data of a kind of its own",
    wheel: { files: { "pkg-1.0.data/stdlib/os.py": "" } },
    code: "wheel-layout",
  },
  {
    what: "more than is allowed",
    wheel: entry("big", { contents: zeros }),
    limits: { maxBytes: 1 << 19, maxMembers: 99 },
    code: "zip-too-large",
  },
  {
    what: "more files than are allowed",
    wheel: entry("one-more"),
    limits: { maxBytes: 1 << 30, maxMembers: 3 },
    code: "wheel-too-large",
  },
  {
    what: "more contents than stated",
    wheel: entry("bomb", { contents: zeros, sizeBytes: 10 }),
    code: "zip-invalid",
  },
  {
    what: "a size that deflate cannot reach",
    wheel: entry("bomb", { sizeBytes: 2 ** 31 }),
    code: "zip-invalid",
  },
  {
    what: "entries that share their bytes",
    wheel: entry("again", { headerOffset: 0 }),
    code: "zip-invalid",
  },
  {
    what: "another name in the entry's own header",
    wheel: entry("good.py", { localName: "evil.py" }),
    code: "zip-invalid",
  },
  { what: "an unknown compression", wheel: entry("a.py", { method: 93 }), code: "zip-method" },
  { what: "a RECORD that is no table", wheel: record('"a.py,,\n'), code: "python-record-invalid" },
  {
    what: "two hashes for one file",
    wheel: record(`a.py,sha256=${digest("1")},1\na.py,sha256=${digest("2")},1\n`),
    code: "python-record-invalid",
  },
  { what: "a hash of no known kind", wheel: record("a.py,rot13=n,1\n"), code: "wheel-record" },
  {
    what: "no name in its metadata",
    wheel: metadata("Metadata-Version: 2.1\nVersion: 1.0\n"),
    code: "python-metadata-invalid",
  },
  {
    what: "no version in its metadata",
    wheel: metadata("Metadata-Version: 2.1\nName: pkg\n"),
    code: "python-metadata-invalid",
  },
  {
    what: "a version that is none",
    wheel: metadata("Metadata-Version: 2.1\nName: pkg\nVersion: $(id)\n"),
    code: "python-metadata-invalid",
  },
  {
    what: "a WHEEL without version",
    wheel: { info: { WHEEL: "Generator: x\n" } },
    code: "python-wheel-file-invalid",
  },
  {
    what: "another version outside",
    wheel: {},
    file: "pkg-1.1-py3-none-any.whl",
    code: "wheel-name",
  },
  { what: "a name outside that is none", wheel: {}, file: "pkg.whl", code: "python-wheel-name-invalid" },
  {
    what: "a second folder of metadata that differs in case",
    wheel: { files: { "PKG-1.0.dist-info/METADATA": "" } },
    code: "wheel-incomplete",
  },
];

for (const { what, wheel, code, limits, file } of refused)
  test(`a wheel with ${what} is refused by name, and nothing is left`, async (t) => {
    const folder = temporaryDirectory(t);
    writeWheel(folder, wheel);
    await assert.rejects(unpack(folder, { ...(limits && { limits }), ...(file && { file }) }), (error) => {
      assert.ok(error instanceof CopseError, String(error));
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.startsWith(`Cannot unpack ${file ?? FILE}: `), error.message);
      assert.ok(error.hint, "there is a way out");
      return true;
    });
    assert.deepEqual(readdirSync(folder), [FILE]);
  });

const taken: readonly (readonly [
  what: string,
  wheel: TestWheel,
  notes: readonly RegExp[],
  files: readonly string[],
])[] = [
  [
    "names that differ in case alone",
    { files: { "a/X.py": "1", "a/x.py": "2" } },
    [/^Names differ in case alone: a\/X\.py, a\/x\.py$/],
    ["a/X.py", "a/x.py"],
  ],
  [
    "a format that is a little newer",
    { info: { WHEEL: "Wheel-Version: 1.9\nRoot-Is-Purelib: true\n" } },
    [/newer format than is known here, 1\.9$/],
    [],
  ],
  [
    "wide numbers",
    { further: [{ name: "wide.py", contents: "w", zip64: true }] },
    [/does not list wide\.py$/],
    ["wide.py"],
  ],
  ["byte code of its own", { files: { "__pycache__/a.cpython-311.pyc": "c", "a.py": "" } }, [], ["a.py"]],
  [
    "metadata that is not UTF-8, and a requirement that pip mends",
    metadata(
      "Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\nAuthor: Jos\u00e9\nRequires-Dist: numpy>=1.*\n",
    ),
    [],
    [],
  ],
  [
    "another project's .data",
    { files: { "other-1.0.data/scripts/x": "" } },
    [],
    ["other-1.0.data/scripts/x"],
  ],
  [
    "a program with a strange name",
    { files: { "pkg-1.0.data/scripts/$(touch x); y": "" } },
    [],
    ["../../../bin/$(touch x); y"],
  ],
  [
    "a RECORD that lists what is outside",
    { info: { RECORD: "../../etc/passwd,,\n" } },
    [/does not list/, /what is not there: \.\.\/\.\.\/etc\/passwd$/],
    [],
  ],
];

for (const [what, wheel, notes, files] of taken)
  test(`a wheel with ${what} is taken`, async (t) => {
    const folder = temporaryDirectory(t);
    writeWheel(folder, wheel);
    const told = await unpack(folder);
    assert.equal(told.length, notes.length, told.join("; "));
    for (const [index, note] of notes.entries()) assert.match(told[index] as string, note);
    const inside = `${folder}/tree/${SITE}`;
    const recorded = readFileSync(`${inside}/${INFO}/RECORD`, "utf8");
    for (const path of files) {
      readFileSync(`${inside}/${path}`);
      assert.ok(recorded.includes(path), `RECORD has ${path}`);
    }
  });

test("metadata in Latin-1 says who it is", async (t) => {
  const folder = temporaryDirectory(t);
  const text = "Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\nAuthor: Jos\u00e9\n";
  writeWheel(folder, {
    info: { METADATA: undefined, RECORD: "" },
    further: [{ name: `${INFO}/METADATA`, contents: Buffer.from(text, "latin1") }],
  });
  assert.deepEqual(await unpack(folder), [`RECORD does not list ${INFO}/WHEEL and 1 more`]);
});

test("a target that exists is not touched", async (t) => {
  const folder = temporaryDirectory(t);
  writeWheel(folder, {});
  writeFileSync(`${folder}/tree`, "mine");
  await assert.rejects(unpack(folder), { code: "EEXIST" });
  assert.equal(readFileSync(`${folder}/tree`, "utf8"), "mine");
});

/** What uv takes, and what it does with it. */
const TAKEN_BY_UV: ReadonlyMap<string, string> = new Map([
  ["a path upwards in the middle", "leaves the file out"],
  ["a path upwards out of .data", "leaves the file out"],
  ["a path of a drive", "writes it: on Linux it is a name like others"],
  ["a path that is too long for Linux", "writes it piece by piece; programs cannot open it"],
  ["a device", "writes a plain file"],
  ["a pipe", "writes a plain file"],
  ["data in the place of its RECORD", "writes its own over it"],
  ["two hashes for one file", "does not look at hashes"],
  ["a hash of no known kind", "does not look at hashes"],
]);

test("uv takes what is taken here, and of the rest no more than is known", { skip: noUv }, (t) => {
  for (const [what, wheel] of taken) assert.ok(installsWithUv(temporaryDirectory(t), wheel), what);
  for (const { what, wheel, file, limits } of refused) {
    // Of another name or with a limit of the test's own, it is no matter of the wheel alone.
    if (limits || file !== undefined || TAKEN_BY_UV.has(what)) continue;
    assert.ok(!installsWithUv(temporaryDirectory(t), wheel), what);
  }
});

function installsWithUv(folder: string, wheel: TestWheel): boolean {
  const path = writeWheel(folder, wheel);
  const options = ["--offline", "--no-deps", "--no-index", "--no-config", "--python", "/usr/bin/python3"];
  const cache = ["--cache-dir", `${folder}/cache`, "--target", `${folder}/judge`];
  return spawnSync(UV, ["pip", "install", "--quiet", ...options, ...cache, path]).status === 0;
}
