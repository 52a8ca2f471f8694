import assert from "node:assert/strict";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { collectBytes } from "./byte-reader.ts";
import { readTar, type TarEntry } from "./tar.ts";
import { findJudge } from "./testing/judges.ts";
import { Random, randomPieces } from "./testing/random.ts";

const gnuTar = findJudge("tar");

interface Field {
  readonly name?: string;
  readonly type?: string;
  readonly size?: string;
  readonly mode?: string;
  readonly mtime?: string;
  readonly link?: string;
  readonly magic?: string;
  readonly prefix?: string;
  readonly checksum?: string;
}

function tarHeader(field: Field): Buffer {
  const block = Buffer.alloc(512);
  const { name = "a", type = "0", size = "0", mode = "0000644", mtime = "0", link = "" } = field;
  const { magic = "ustar\x0000", prefix = "", checksum } = field;
  const places = [
    [0, name],
    [100, mode],
    [108, "0000000"],
    [116, "0000000"],
    [124, size],
    [136, mtime],
  ] as const;
  for (const [at, text] of [...places, [156, type], [157, link], [257, magic], [345, prefix]] as const) {
    block.write(text, at, "latin1");
  }
  const sum = block.reduce((total, byte) => total + byte, 8 * 32);
  block.write(checksum ?? `${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function blocks(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function pax(...records: string[]): string {
  return records
    .map((record) => {
      let length = record.length + 3;
      while (`${length} ${record}\n`.length > length) length++;
      return `${length} ${record}\n`;
    })
    .join("");
}

const END = Buffer.alloc(1024);
const octal = (value: number) => value.toString(8);
const withContents = (field: Field, text: string) => [
  tarHeader({ ...field, size: octal(text.length) }),
  blocks(text),
];

type Flat = Omit<TarEntry, "contents"> & { readonly text?: string };

async function entriesOf(source: Iterable<Uint8Array>): Promise<Flat[]> {
  const entries: Flat[] = [];
  for await (const entry of readTar(source)) {
    if (entry.kind !== "file") {
      entries.push(entry);
      continue;
    }
    const { contents, ...rest } = entry;
    entries.push({ ...rest, text: (await collectBytes(contents, entry.sizeBytes)).toString("latin1") });
  }
  return entries;
}

test("each kind of entry is read", async () => {
  const bytes = Buffer.concat([
    tarHeader({ name: "./", type: "5", mode: "0000755" }),
    ...withContents({ name: "./file", mtime: octal(1234567890), mode: "0104755" }, "contents"),
    tarHeader({ name: "old", type: "\0", magic: "" }),
    tarHeader({ name: "olddir/", type: "\0", magic: "" }),
    tarHeader({ name: "link", type: "2", link: "../../etc" }),
    tarHeader({ name: "hard", type: "1", link: "./file", size: octal(8) }),
    tarHeader({ name: "b", type: "6", prefix: "long/a" }),
    tarHeader({ name: "null", type: "3" }),
    END,
    Buffer.alloc(9000),
  ]);
  const common = { mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 0 };
  assert.deepEqual(await entriesOf(randomPieces(new Random(11), bytes)), [
    { ...common, kind: "directory", path: "", mode: 0o755 },
    {
      ...common,
      kind: "file",
      path: "file",
      mode: 0o4755,
      mtimeSeconds: 1234567890,
      sizeBytes: 8,
      text: "contents",
    },
    { ...common, kind: "file", path: "old", sizeBytes: 0, text: "" },
    { ...common, kind: "directory", path: "olddir" },
    { ...common, kind: "symlink", path: "link", target: "../../etc" },
    { ...common, kind: "hardlink", path: "hard", target: "file" },
    { ...common, kind: "fifo", path: "long/a/b" },
    { ...common, kind: "device", type: "character", path: "null", major: 0, minor: 0 },
  ]);
});

test("pseudo-entries change the next entry, or all", async () => {
  const long = "n".repeat(300);
  const bytes = Buffer.concat([
    ...withContents({ type: "L" }, `${long}\0`),
    ...withContents({ type: "K" }, `t${long}\0`),
    tarHeader({ type: "2", link: "short" }),
    ...withContents({ type: "g" }, pax("mtime=77.9", "comment=x")),
    ...withContents({ type: "x" }, pax(`path=p/${long}`, "size=3", "uid=5000000")),
    tarHeader({ size: octal(1) }),
    blocks("abc"),
    ...withContents({ type: "x" }, pax("mtime=-1.5")),
    tarHeader({ name: "b" }),
    tarHeader({ name: "c", mtime: "\x80\0\0\0\0\0\0\0\0\0\x01\0" }),
    END,
  ]);
  const found = (await entriesOf([bytes])).map((entry) => {
    return [entry.path, entry.mtimeSeconds, entry.uid, entry.text ?? ("target" in entry ? entry.target : "")];
  });
  assert.deepEqual(found, [
    [long, 0, 0, `t${long}`],
    [`p/${long}`, 77, 5000000, "abc"],
    ["b", -2, 0, ""],
    ["c", 77, 0, ""],
  ]);
});

test("what is not a tar archive, or not a safe one, is refused", async () => {
  const refused: readonly (readonly [why: string, bytes: Buffer])[] = [
    ["nothing", Buffer.alloc(0)],
    ["no end", tarHeader({})],
    ["cut header", tarHeader({}).subarray(0, 500)],
    ["cut contents", tarHeader({ size: "5" })],
    ["a wrong checksum", tarHeader({ checksum: "0001234\0" })],
    ["no checksum", tarHeader({ checksum: "        " })],
    ["a size that is no number", tarHeader({ size: "12x" })],
    ["a negative size", tarHeader({ size: "\xff".repeat(12) })],
    ["an endless size", tarHeader({ size: `\x80${"\xff".repeat(11)}` })],
    ["an unknown type", tarHeader({ type: "Z" })],
    ["GNU's sparse file", tarHeader({ type: "S" })],
    ["another volume", tarHeader({ type: "M" })],
    ["an absolute path", tarHeader({ name: "/etc/passwd" })],
    ["no path", tarHeader({ name: "" })],
    ["a path upward", tarHeader({ name: "a/../../b" })],
    ["a hard link upward", tarHeader({ type: "1", link: "../b" })],
    ["a hard link to an absolute path", tarHeader({ type: "1", link: "/etc/passwd" })],
    ["a symbolic link to nothing", tarHeader({ type: "2" })],
    ["a long name beyond bounds", tarHeader({ type: "L", size: octal(1 << 20) })],
    ["a pax header beyond bounds", tarHeader({ type: "x", size: octal(1 << 24) })],
    ...(
      [
        ["length", "xx path=a\n"],
        ["length that is too large", "99 path=a\n"],
        ["length that is too small", "5 path=a\n"],
        ["length with a leading zero", "010 path=a\n"],
        ["key", pax("=a")],
        ["equals sign", pax("path")],
        ["number", pax("size=abc")],
        ["positive size", pax("size=-1")],
        ["path without NUL", pax("path=a\0b")],
        ["sane path", pax("path=../x")],
        ["file that is not sparse", pax("GNU.sparse.major=1")],
      ] as const
    ).map(([why, text]) => {
      return [
        `pax without a ${why}`,
        Buffer.concat([...withContents({ type: "x" }, text), tarHeader({})]),
      ] as const;
    }),
  ];
  for (const [why, bytes] of refused) {
    const bytesWithEnd = why.startsWith("no") || why.startsWith("cut") ? bytes : Buffer.concat([bytes, END]);
    await assert.rejects(entriesOf([bytesWithEnd]), { name: "CopseError", code: "tar-invalid" }, why);
  }
});

test("what GNU tar writes is read, in each of its formats", { skip: gnuTar.reason }, async () => {
  const root = mkdtempSync(join(tmpdir(), "copse-format-"));
  try {
    const tree = join(root, "tree");
    const random = new Random(12);
    const expected: Record<string, string> = { "": "directory" };
    const deep = `${"d".repeat(40)}/${"e".repeat(40)}`;
    mkdirSync(join(tree, deep), { recursive: true });
    expected["d".repeat(40)] = expected[deep] = "directory";
    for (const name of ["a", "größe", `${deep}/short`, "n".repeat(97)]) {
      const contents = random.bytes(random.below(3000));
      writeFileSync(join(tree, name), contents);
      utimesSync(join(tree, name), 1e9, 1e9);
      expected[Buffer.from(name).toString("latin1")] = `file ${contents.toString("latin1")}`;
    }
    symlinkSync("../somewhere", join(tree, "link"));
    expected["link"] = "symlink ../somewhere";
    const long = { ...expected };
    const run = (format: string, ...options: string[]) =>
      gnuTar.judge!.run(["-C", tree, `--format=${format}`, "--sort=name", ...options, "-cf", "-", "."]);
    const check = async (format: string, wanted: Record<string, string>) => {
      const found: Record<string, string> = {};
      for (const entry of await entriesOf(randomPieces(random, run(format)))) {
        found[entry.path] =
          entry.kind +
          (entry.text === undefined ? "" : ` ${entry.text}`) +
          ("target" in entry ? ` ${entry.target}` : "");
        if (entry.kind === "file") assert.equal(entry.mtimeSeconds, 1e9);
      }
      assert.deepEqual(found, wanted, format);
    };
    for (const format of ["v7", "ustar", "oldgnu", "gnu", "posix"]) await check(format, expected);

    const path = `${"p".repeat(150)}/${"q".repeat(200)}`;
    mkdirSync(join(tree, "p".repeat(150)));
    writeFileSync(join(tree, path), "x");
    utimesSync(join(tree, path), 1e9, 1e9);
    linkSync(join(tree, path), join(tree, "zz-hard"));
    symlinkSync("t".repeat(300), join(tree, "long-target"));
    long["p".repeat(150)] = "directory";
    long[path] = "file x";
    long["zz-hard"] = `hardlink ${path}`;
    long["long-target"] = `symlink ${"t".repeat(300)}`;
    for (const format of ["oldgnu", "gnu", "posix"]) await check(format, long);

    truncateSync(join(tree, "a"), 10_000_000);
    for (const format of ["gnu", "posix"]) {
      await assert.rejects(entriesOf([run(format, "--sparse")]), { code: "tar-invalid" });
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
