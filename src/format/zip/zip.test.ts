import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { damage, findJudge, fuzzRuns, Random } from "#format/testing";
import {
  caseCollisions,
  openZip,
  sourceOfBytes,
  type ZipArchive,
  type ZipLimits,
  type ZipSource,
} from "./mod.ts";
import { makeZip, type SampleEntry, type SampleOptions } from "./testing/make-zip.ts";

const python = findJudge("python3");
const LARGE = Buffer.concat(Array.from({ length: 240 }, (_, i) => new Random(i).bytes(30_000)));

function open(
  entries: readonly SampleEntry[],
  options: SampleOptions & Partial<ZipLimits> = {},
): Promise<ZipArchive> {
  return openZip(sourceOfBytes(makeZip(entries, options)), options);
}

async function readAll(archive: ZipArchive): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for (const entry of archive.entries)
    contents.set(entry.path, (await archive.read(entry, 1e9)).toString("latin1"));
  return contents;
}

test("entries have their paths, kinds and contents", async () => {
  const archive = await open([
    { name: "a/b.py", contents: "hello" },
    { name: "run", contents: "#!/bin/sh\n", mode: 0o100755, stored: true },
    { name: "a/", mode: 0o040755 },
    { name: "link", contents: "a/b.py", mode: 0o120777 },
    { name: "device", mode: 0o020644 },
    { name: "ä.txt" },
    { name: Buffer.from([0x84]), mode: 0, contents: "" },
  ]);
  assert.deepEqual(
    archive.entries.map(({ path, kind, isExecutable }) => [path, kind, isExecutable]),
    [
      ["a/b.py", "file", false],
      ["run", "file", true],
      ["a", "directory", false],
      ["link", "symlink", false],
      ["device", "other", false],
      ["ä.txt", "file", false],
      ["ä", "file", false],
    ],
  );
  const contents = await readAll(archive);
  assert.equal(contents.get("a/b.py"), "hello");
  assert.equal(contents.get("run"), "#!/bin/sh\n");
  assert.equal(archive.find("link")?.sizeBytes, 6);
  assert.equal(archive.find("nothing"), undefined);
});

for (const stored of [true, false]) {
  test(`a large entry comes in pieces, ${stored ? "stored" : "deflated"}`, async () => {
    const bytes = makeZip([{ name: "large", contents: LARGE, stored }]);
    let mostAtOnce = 0;
    const source: ZipSource = {
      size: bytes.length,
      read(offset, length) {
        mostAtOnce = Math.max(mostAtOnce, length);
        return Promise.resolve(bytes.subarray(offset, offset + length));
      },
    };
    const archive = await openZip(source);
    const hash = createHash("sha256");
    let pieces = 0;
    for await (const piece of archive.contents(archive.entries[0]!)) {
      assert.ok(piece.length <= 1 << 20);
      hash.update(piece);
      pieces++;
    }
    assert.equal(hash.digest("hex"), createHash("sha256").update(LARGE).digest("hex"));
    assert.ok(pieces > 3 && mostAtOnce <= 1 << 20);
  });
}

test("an iteration that is given up closes the stream", async () => {
  const archive = await open([{ name: "large", contents: LARGE }]);
  for await (const piece of archive.contents(archive.entries[0]!)) {
    assert.ok(piece.length > 0);
    break;
  }
});

test("what the source throws is thrown on", async () => {
  const bytes = makeZip([{ name: "large", contents: LARGE }]);
  const lost = new Error("connection lost");
  const source: ZipSource = {
    size: bytes.length,
    read(offset, length) {
      if (length > 100_000) throw lost;
      return bytes.subarray(offset, offset + length);
    },
  };
  const archive = await openZip(source);
  await assert.rejects(archive.read(archive.entries[0]!, 1e9), lost);
});

test("archives with wide numbers and with comments are read", async () => {
  const entries = [
    { name: "a", contents: "1", zip64: true },
    { name: "b", contents: "22", stored: true },
  ];
  for (const options of [
    { zip64: true },
    { comment: Buffer.alloc(40_000, "c") },
    { zip64: true, comment: Buffer.from("PK\x05\x06") },
  ])
    assert.deepEqual(
      await readAll(await open(entries, options)),
      new Map([
        ["a", "1"],
        ["b", "22"],
      ]),
    );
  assert.deepEqual((await open([])).entries, []);
});

test("names that lead elsewhere are refused", async () => {
  for (const name of [
    "/etc/passwd",
    "../x",
    "a/../../x",
    "a//b",
    "./a",
    "",
    "a/..",
    "/",
    "a\0b",
    "..",
    "a/./b",
  ])
    await assert.rejects(open([{ name, stored: true }]), { code: "zip-path" }, JSON.stringify(name));
});

test("two entries for one place are refused", async () => {
  for (const names of [
    ["a", "b", "a"],
    ["a", "a/b"],
    ["a/b/c", "a"],
    ["a/", "a"],
    ["a", "a/"],
  ])
    await assert.rejects(
      open(names.map((name) => ({ name, stored: true }))),
      { code: "zip-duplicate" },
      names.join(),
    );
});

test("what is wrong in an archive is found", async () => {
  const a: SampleEntry = { name: "a", contents: "hello hello hello hello hello" };
  const wrong: readonly (readonly [string, readonly SampleEntry[], (SampleOptions & Partial<ZipLimits>)?])[] =
    [
      ["zip-encrypted", [{ ...a, flags: 1 }]],
      ["zip-encrypted", [{ ...a, flags: 1 << 6 }]],
      ["zip-method", [{ ...a, method: 12 }]],
      ["zip-invalid", [{ ...a, crc32: 5 }]],
      ["zip-invalid", [{ ...a, sizeBytes: 28 }]],
      ["zip-invalid", [{ ...a, sizeBytes: 30 }]],
      ["zip-invalid", [{ ...a, sizeBytes: 4_000_000 }]],
      ["zip-invalid", [{ ...a, sizeBytes: 30, stored: true }]],
      ["zip-invalid", [{ ...a, localName: "b" }]],
      ["zip-invalid", [{ ...a, method: 0 }]],
      ["zip-invalid", [a, { ...a, name: "b", headerOffset: 0 }]],
      ["zip-invalid", [a, { ...a, name: "b", headerOffset: 20 }]],
      ["zip-invalid", [{ ...a, headerOffset: 100_000 }]],
      ["zip-invalid", [a], { gap: Buffer.alloc(30) }],
      ["zip-invalid", [a], { count: 2 }],
      ["zip-invalid", [a], { count: 60_000 }],
      ["zip-invalid", [{ ...a, name: Buffer.from([0xff]), flags: 1 << 11 }]],
      ["zip-invalid", [{ name: "a/", contents: "x", stored: true }]],
      ["zip-too-large", [a], { maxBytes: 28 }],
      ["zip-too-large", [a], { maxDirectoryBytes: 10 }],
      ["zip-invalid", [{ ...a, contents: LARGE, crc32: 5 }]],
      ["zip-invalid", [{ ...a, contents: LARGE, sizeBytes: LARGE.length - 1 }]],
      ["zip-invalid", [{ ...a, contents: LARGE, sizeBytes: LARGE.length + 1 }]],
    ];
  for (const [i, [code, entries, options]] of wrong.entries())
    await assert.rejects(async () => readAll(await open(entries, options)), { code }, `case ${i}`);
});

test("a truncated archive is refused wherever it ends", async () => {
  const bytes = makeZip([{ name: "a", contents: "hello" }, { name: "b" }], { zip64: true });
  for (let length = 0; length < bytes.length; length++)
    await assert.rejects(
      openZip(sourceOfBytes(bytes.subarray(0, length))),
      { code: "zip-invalid" },
      `${length} bytes`,
    );
});

test("something before the first entry is no harm if it is counted, and refused if not", async () => {
  const entries = [{ name: "a", contents: "1" }];
  const contents = await readAll(await open(entries, { prefix: Buffer.from("#!/bin/sh\n") }));
  assert.equal(contents.get("a"), "1");
  const shifted = Buffer.concat([Buffer.from("#!/bin/sh\n"), makeZip(entries)]);
  await assert.rejects(openZip(sourceOfBytes(shifted)), { code: "zip-invalid" });
});

test("a bomb of entries that share their bytes is refused before anything is unpacked", async () => {
  const kernel = { contents: Buffer.alloc(1 << 20) };
  const entries = Array.from({ length: 50 }, (_, i) => ({ ...kernel, name: `${i}`, headerOffset: 0 }));
  await assert.rejects(open(entries), { code: "zip-invalid" });
});

test("paths that differ in case alone are found", async () => {
  const archive = await open(["A/x", "a/X", "b", "B", "\u00e9", "e\u0301", "c"].map((name) => ({ name })));
  assert.deepEqual(caseCollisions(archive.entries), [
    ["A/x", "a/X"],
    ["b", "B"],
    ["\u00e9", "e\u0301"],
  ]);
});

test("damaged archives throw nothing but CopseErrors", async () => {
  const random = new Random(71);
  const small = [
    { name: "a/b", contents: "hello hello hello" },
    { name: "c", contents: "x", stored: true, zip64: true },
  ];
  for (const valid of [makeZip(small), makeZip(small, { zip64: true, comment: Buffer.from("c") })]) {
    for (let run = 0; run < fuzzRuns(500); run++) {
      const bytes = damage(random, valid);
      try {
        await readAll(await openZip(sourceOfBytes(bytes)));
      } catch (error) {
        if (!isCopseError(error))
          throw new Error(`Run ${run} threw for ${bytes.toString("hex")}`, { cause: error });
      }
    }
  }
});

const WRITE = `
import random, sys, zipfile
random.seed(int(sys.argv[2]))
with zipfile.ZipFile(sys.argv[1], "w", allowZip64=True) as z:
    for i in range(random.randrange(12)):
        name = random.choice(["a/%d.py", "\\u00e4\\u4e2d/%d", "%d", "x" * 200 + "%d", "d%d/"]) % i
        info = zipfile.ZipInfo(name)
        info.external_attr = random.choice([0, 0o100644, 0o100755, 0o120777]) << 16
        info.compress_type = random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
        body = b"" if name.endswith("/") else bytes(random.choices(b"abc\\0", k=997)) * random.choice([1, 3000]) if random.random() < 0.8 else b""
        # Streamed: sizes stand behind the data, or in wide fields.
        with z.open(info, "w", force_zip64=random.random() < 0.3) as out: out.write(body)
    z.comment = b"c" * random.choice([0, 0, 300])
`;

const READ = `
import hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    json.dump([[i.filename, i.file_size, i.CRC, i.external_attr >> 16, hashlib.sha256(z.read(i)).hexdigest()] for i in z.infolist()], sys.stdout)
`;

test("zipfile's archives are read as zipfile reads them", { skip: python.reason }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "copse-zip-"));
  try {
    for (let seed = 0; seed < fuzzRuns(12); seed++) {
      const file = join(folder, "x.zip");
      python.judge!.run(["-c", WRITE, file, String(seed)]);
      assert.deepEqual(await listed(readFileSync(file)), judged(file), `seed ${seed}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("zipfile reads our samples the same", { skip: python.reason }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "copse-zip-"));
  try {
    for (const options of [{}, { zip64: true }, { comment: Buffer.alloc(20_000) }]) {
      const bytes = makeZip(
        [
          { name: "a/", mode: 0o040755, stored: true },
          { name: "ä", contents: "1", zip64: true },
          { name: Buffer.from([0x84, 0xe1]) },
        ],
        options,
      );
      writeFileSync(join(folder, "x.zip"), bytes);
      assert.deepEqual(await listed(bytes), judged(join(folder, "x.zip")));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function judged(file: string): unknown {
  const rows = JSON.parse(python.judge!.run(["-c", READ, file]).toString()) as [
    string,
    number,
    number,
    number,
    string,
  ][];
  return rows.map(([name, size, crc, mode, hash]) => [
    name.replace(/\/$/, ""),
    size,
    crc,
    kindOf(name, mode),
    hash,
  ]);
}

function kindOf(name: string, mode: number): string {
  if (name.endsWith("/")) return "directory";
  if ((mode & 0o170000) === 0o120000) return "symlink";
  return (mode & 0o111) !== 0 ? "program" : "file";
}

async function listed(bytes: Buffer): Promise<unknown> {
  const archive = await openZip(sourceOfBytes(bytes));
  const rows: unknown[] = [];
  for (const entry of archive.entries) {
    const hash = createHash("sha256")
      .update(await archive.read(entry, 1e9))
      .digest("hex");
    const kind = entry.isExecutable ? "program" : entry.kind;
    rows.push([entry.path, entry.sizeBytes, entry.crc32, kind, hash]);
  }
  return rows;
}
