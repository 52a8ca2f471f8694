import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { CopseError } from "#base";
import { unpackArchive } from "./archive-tree.ts";

const directory = mkdtempSync(join(tmpdir(), "copse-archive-"));
after(() => rmSync(directory, { recursive: true, force: true }));
let count = 0;

interface Member {
  readonly name: string;
  readonly type?: string;
  readonly link?: string;
  readonly contents?: string;
  readonly mode?: number;
}

/** An archive by hand: GNU tar would not make most of these. */
function tarOf(members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({ name, type = "0", link = "", contents = "", mode = 0o644 }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
    for (const at of [108, 116]) header.write("0000000\0", at);
    header.write(`${contents.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157);
    header.write("ustar\x0000", 257, "latin1");
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(contents.length / 512) * 512);
    body.write(contents);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

async function unpack(archive: Uint8Array): Promise<string> {
  const target = join(directory, `t${count++}`, "inside");
  mkdirSync(target, { recursive: true });
  async function* once() {
    yield archive;
  }
  await unpackArchive({ source: once(), target, signal: new AbortController().signal });
  return target;
}

const GOOD: readonly Member[] = [
  { name: "./", type: "5", mode: 0o755 },
  { name: "top/sub/", type: "5", mode: 0o500 },
  { name: "top/sub/file", contents: "contents", mode: 0o640 },
  { name: "top/program", contents: "#!", mode: 0o755 },
  { name: "top/again", type: "1", link: "top/sub/file" },
  { name: "top/link", type: "2", link: "/anywhere" },
  { name: "top/program", contents: "newer" },
];

test("files, folders, both kinds of links; a later member replaces an earlier one", async () => {
  const target = await unpack(tarOf(GOOD));
  assert.equal(readFileSync(join(target, "top/again"), "utf8"), "contents");
  assert.equal(readlinkSync(join(target, "top/link")), "/anywhere");
  assert.equal(readFileSync(join(target, "top/program"), "utf8"), "newer");
  assert.equal(lstatSync(join(target, "top/sub/file")).mode & 0o111, 0);
});

test("every compression, as GNU tar makes it too", async () => {
  const plain = tarOf(GOOD);
  const source = await unpack(plain);
  const compressed = [gzipSync(plain), zstdCompressSync(plain)];
  for (const flag of ["-z", "-J"]) {
    compressed.push(execFileSync("tar", [flag, "-c", "-C", source, "top"], { maxBuffer: 1 << 24 }));
  }
  for (const archive of compressed) {
    assert.equal(readFileSync(join(await unpack(archive), "top/sub/file"), "utf8"), "contents");
  }
});

describe("hostile archives leave nothing outside", () => {
  const outside = join(directory, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "precious"), "untouched");
  const hostile: Readonly<Record<string, readonly Member[]>> = {
    "a name that goes up": [{ name: "../../escaped", contents: "x" }],
    "an absolute name": [{ name: `${outside}/escaped`, contents: "x" }],
    "a name below a link": [
      { name: "top/", type: "5" },
      { name: "top/link", type: "2", link: outside },
      { name: "top/link/escaped", contents: "x" },
    ],
    "a folder over a link": [
      { name: "link", type: "2", link: outside },
      { name: "link", type: "5" },
      { name: "link/escaped", contents: "x" },
    ],
    "a hard link through a link": [
      { name: "link", type: "2", link: outside },
      { name: "hard", type: "1", link: "link/precious" },
    ],
    "a hard link that goes up": [{ name: "hard", type: "1", link: "../../outside/precious" }],
    "a device": [{ name: "device", type: "3" }],
    "a pipe": [{ name: "pipe", type: "6" }],
    "a file over a folder": [
      { name: "folder/", type: "5" },
      { name: "folder", contents: "x" },
    ],
  };
  for (const [name, members] of Object.entries(hostile)) {
    test(name, async () => {
      await assert.rejects(unpack(tarOf(members)), CopseError);
      assert.ok(!existsSync(join(outside, "escaped")));
      assert.ok(!existsSync(join(directory, "escaped")));
      assert.equal(readFileSync(join(outside, "precious"), "utf8"), "untouched");
    });
  }
});

test("archives that break off, and garbage", async () => {
  const whole = gzipSync(tarOf([{ name: "file", contents: "x".repeat(3000) }]));
  await assert.rejects(unpack(whole.subarray(0, whole.length - 20)), CopseError);
  await assert.rejects(unpack(Buffer.from("<html>not found</html>")), CopseError);
});
