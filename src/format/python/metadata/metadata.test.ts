import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { damage, findJudge, fuzzRuns, Random } from "#format/testing";
import { formatRequirement } from "../requirement/requirement.ts";
import { parseCoreMetadata } from "./core-metadata.ts";
import { formatDirectUrl, parseDirectUrl } from "./direct-url.ts";
import { parseEntryPoints } from "./entry-points.ts";
import { Headers } from "./headers.ts";
import { formatRecord, parseRecord, type RecordEntry } from "./record.ts";
import { parseWheelFile } from "./wheel-file.ts";

const python = findJudge("python3");

const METADATA = `Metadata-Version: 2.1
Name: Foo.Bar
Version: 1.0rc1
Summary: it is
        folded
requires-dist: a (>=1<2)
Requires-Dist: b[x]>=1 ; extra == "Test"
Requires-Python: >=3.6.*
Provides-Extra: Test
Provides-Extra: test
Provides-Extra: not an extra
Dynamic: Requires-Dist

Requires-Dist: of-the-body
`;

test("core metadata is read as far as installing needs it", () => {
  const metadata = parseCoreMetadata(Buffer.from(METADATA.replaceAll("\n", "\r\n")));
  assert.equal(metadata.metadataVersion, "2.1");
  assert.equal(metadata.name, "foo-bar");
  assert.equal(metadata.version.text, "1.0rc1");
  assert.equal(metadata.summary, "it is folded");
  assert.deepEqual(metadata.requiresDist.map(formatRequirement), ["a<2,>=1", 'b[x]>=1 ; extra == "test"']);
  assert.equal(`${metadata.requiresPython}`, ">=3.6");
  assert.deepEqual(metadata.providesExtra, ["test"]);
  assert.deepEqual(metadata.dynamic, ["requires-dist"]);
});

test("metadata without what names it, or with a requirement that cannot be read, is refused", () => {
  for (const [text, code] of [
    ["", "python-metadata-invalid"],
    ["Name: a\n", "python-metadata-invalid"],
    ["Name: a\nVersion: x\n", "python-metadata-invalid"],
    ["Name: ../a\nVersion: 1\n", "python-metadata-invalid"],
    ["Name: a\n\nVersion: 1\n", "python-metadata-invalid"],
    ["Name: a\nVersion: 1\nRequires-Dist: b c\n", "python-requirement-invalid"],
  ] as const)
    assert.throws(() => parseCoreMetadata(text), { code }, text);
  const tolerated = parseCoreMetadata("Name: a\nVersion: 1\nRequires-Python: UNKNOWN\n");
  assert.equal(tolerated.requiresPython, undefined);
  assert.equal(tolerated.metadataVersion, "1.0");
});

const EMAIL = `
import email.parser, email.policy, json, sys
out = []
for text in json.load(sys.stdin):
    m = email.parser.Parser().parsestr(text)
    out.append([[v.strip() for v in m.get_all(n, [])] for n in ("a", "b-c")])
json.dump(out, sys.stdout)
`;

test("Python's email package finds the same headers", { skip: python.reason }, () => {
  const random = new Random(58);
  const pieces = [
    "A: 1",
    "a:2",
    "B-C:  x y ",
    " folded",
    "\tfolded",
    "b-C:",
    "not a header",
    "",
    ": x",
    "A : 3",
    "Z: é",
  ];
  const texts = random.list(fuzzRuns(500), () =>
    random.list(1 + random.below(6), () => random.pick(pieces)).join(random.pick(["\n", "\r\n"])),
  );
  const answers = JSON.parse(
    python.judge!.run(["-c", EMAIL], Buffer.from(JSON.stringify(texts))).toString(),
  ) as unknown[];
  for (const [i, text] of texts.entries()) {
    const headers = new Headers(text);
    const unified = (values: readonly string[]): string[] =>
      values.map((value) => value.replaceAll("\r\n", "\n"));
    assert.deepEqual(
      [headers.all("a"), headers.all("b-c")],
      (answers[i] as string[][]).map(unified),
      JSON.stringify(text),
    );
  }
});

test("WHEEL is read", () => {
  const wheel = parseWheelFile(
    "Wheel-Version: 1.0\nGenerator: x (1)\nRoot-Is-Purelib: True\nTag: py2-none-any\nTag: py3-none-any\nBuild: 1a\n",
  );
  assert.deepEqual(wheel, {
    version: [1, 0],
    rootIsPurelib: true,
    tags: ["py2-none-any", "py3-none-any"],
    build: "1a",
    generator: "x (1)",
  });
  for (const text of ["", "Wheel-Version: x\n", "Root-Is-Purelib: true\n"])
    assert.throws(() => parseWheelFile(text), { code: "python-wheel-file-invalid" }, text);
});

test("RECORD is read and written", () => {
  const text = 'a.py,sha256=AbC-_1,10\n"b,""c"".py",,\nx-1.0.dist-info/RECORD,,\n"two\nlines",sha512=00,0\n';
  const entries = parseRecord(text);
  assert.deepEqual(entries, [
    { path: "a.py", hash: { algorithm: "sha256", digest: "AbC-_1" }, sizeBytes: 10 },
    { path: 'b,"c".py' },
    { path: "x-1.0.dist-info/RECORD" },
    { path: "two\nlines", hash: { algorithm: "sha512", digest: "00" }, sizeBytes: 0 },
  ]);
  assert.equal(formatRecord(entries), text);
  assert.equal(parseRecord("a,,\r\na,,\r\n\r\nb,\r\nc").length, 3);
});

test("a RECORD may have very long fields", () => {
  const path = 'a"'.repeat(300_000);
  const text = formatRecord([{ path }]);
  assert.equal(parseRecord(text)[0]!.path, path);
  assert.throws(() => parseRecord(text.slice(0, -4)), { code: "python-record-invalid" });
});

test("a RECORD that is none is refused", () => {
  for (const text of [
    "a,,x\n",
    "a,x,1\n",
    "a,,1,2\n",
    ",,\n",
    '"a"b,,\n',
    '"a\n',
    "a,sha256=x,1\na,sha256=y,1\n",
  ])
    assert.throws(() => parseRecord(text), { code: "python-record-invalid" }, text);
});

const CSV = `
import csv, io, json, sys
out = []
for rows in json.load(sys.stdin):
    f = io.StringIO()
    csv.writer(f, lineterminator="\\n").writerows(rows)
    out.append([f.getvalue(), list(csv.reader(io.StringIO(f.getvalue(), newline="")))])
json.dump(out, sys.stdout)
`;

test("Python's csv package writes RECORD the same, and reads it back", { skip: python.reason }, () => {
  const random = new Random(59);
  const entry = (i: number): RecordEntry => ({
    path: `${i}${random.text(1 + random.below(5), "ab/ ,\"'\n;é")}x`,
    ...(random.chance(0.7) && {
      hash: { algorithm: "sha256", digest: "aZ_-" },
      sizeBytes: random.below(1000),
    }),
  });
  const records = random.list(fuzzRuns(200), () => random.list(1 + random.below(4), entry));
  const rows = records.map((entries) =>
    entries.map(({ path, hash, sizeBytes }) => [
      path,
      hash ? `sha256=${hash.digest}` : "",
      `${sizeBytes ?? ""}`,
    ]),
  );
  const answers = JSON.parse(
    python.judge!.run(["-c", CSV], Buffer.from(JSON.stringify(rows))).toString(),
  ) as [string, string[][]][];
  for (const [i, entries] of records.entries()) {
    assert.equal(formatRecord(entries), answers[i]![0]);
    assert.deepEqual(parseRecord(answers[i]![0]), entries);
    assert.deepEqual(answers[i]![1], rows[i]);
  }
});

test("entry points are read by group", () => {
  const text = `[console_scripts]
Tool = package.module:main
other=package.cli:app.run [extra, more]
# a comment
; another
[pytest11]
plugin = package
`;
  assert.deepEqual(parseEntryPoints(Buffer.from(text)), [
    { group: "console_scripts", name: "Tool", module: "package.module", attribute: "main", extras: [] },
    {
      group: "console_scripts",
      name: "other",
      module: "package.cli",
      attribute: "app.run",
      extras: ["extra", "more"],
    },
    { group: "pytest11", name: "plugin", module: "package", attribute: undefined, extras: [] },
  ]);
  for (const bad of ["a = b\n", "[x]\n= b\n", "[x]\na = b c\n", "[x]\na\n", "[x]\na = b:c; import os\n"])
    assert.throws(() => parseEntryPoints(bad), { code: "python-entry-points-invalid" }, bad);
});

const POINTS = `
import importlib.metadata, json, sys
out = []
for text in json.load(sys.stdin):
    points = importlib.metadata.EntryPoints._from_text(text)
    out.append([[p.group, p.name, p.module, p.attr or None, p.extras] for p in points])
json.dump(out, sys.stdout)
`;

test("Python's own reader finds the same entry points", { skip: python.reason }, () => {
  const random = new Random(60);
  const line = (): string =>
    random.pick(["a", "B c", "d.e-f"]) +
    random.pick(["=", " = "]) +
    random.pick(["m", "m.n", "m:x", "m.n : x.y", "m:x[z]", "m:x [y, z]"]);
  const texts = random.list(fuzzRuns(300), () =>
    random
      .list(1 + random.below(2), (i) =>
        [`[g${i}]`, ...random.list(random.below(3), (j) => `${j}${line()}`), "# c", ""].join("\n"),
      )
      .join("\n"),
  );
  const answers = JSON.parse(
    python.judge!.run(["-c", POINTS], Buffer.from(JSON.stringify(texts))).toString(),
  ) as unknown[];
  for (const [i, text] of texts.entries()) {
    const points = parseEntryPoints(text).map((p) => [
      p.group,
      p.name,
      p.module,
      p.attribute ?? null,
      p.extras,
    ]);
    assert.deepEqual(points, answers[i], text);
  }
});

test("direct_url.json is written without secrets, and read", () => {
  const archive = { kind: "archive", url: "https://user:secret@h/x.whl", hashes: { sha256: "00" } } as const;
  assert.equal(
    formatDirectUrl(archive),
    '{"archive_info":{"hashes":{"sha256":"00"}},"url":"https://h/x.whl"}',
  );
  for (const direct of [
    { ...archive, url: "https://h/x.whl", subdirectory: "sub" },
    { kind: "directory", url: "file:///a", editable: true },
    { kind: "vcs", url: "ssh://git@h/x", vcs: "git", commit: "abc", revision: "main" },
  ] as const)
    assert.deepEqual(parseDirectUrl(formatDirectUrl(direct)), direct);
  const old = parseDirectUrl('{"url":"file:///a","archive_info":{"hash":"sha256=00ff"}}');
  assert.deepEqual(old, { kind: "archive", url: "file:///a", hashes: { sha256: "00ff" } });
  for (const text of ["", "[]", "{}", '{"url":"x"}', '{"url":"x","vcs_info":{"vcs":"git"}}', '{"url":1}'])
    assert.throws(() => parseDirectUrl(text), { code: "python-direct-url-invalid" }, text);
});

test("damaged files of a package throw nothing but CopseErrors", () => {
  const random = new Random(62);
  const samples: readonly (readonly [string, (bytes: Buffer) => unknown])[] = [
    [METADATA, parseCoreMetadata],
    ["Wheel-Version: 1.0\nTag: py3-none-any\n", parseWheelFile],
    ['a,sha256=aa,1\n"b,",,\n', parseRecord],
    ["[a]\nb = c:d [e]\n", parseEntryPoints],
    ['{"url":"x","vcs_info":{"vcs":"git","commit_id":"a"}}', parseDirectUrl],
  ];
  for (const [text, parse] of samples) {
    parse(Buffer.from(text));
    for (let run = 0; run < fuzzRuns(400); run++) {
      const bytes = damage(random, Buffer.from(text));
      try {
        parse(bytes);
      } catch (error) {
        if (!isCopseError(error))
          throw new Error(`Run ${run} threw for ${bytes.toString("latin1")}`, { cause: error });
      }
    }
  }
});
