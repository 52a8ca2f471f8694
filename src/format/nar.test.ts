import assert from "node:assert/strict";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type ByteString, bytesFromByteString } from "#base";
import { collectBytes } from "./byte-reader.ts";
import { dumpNar, encodeNar, type NarTree } from "./nar.ts";
import { decodeNar, type NarEvent } from "./nar-decoder.ts";
import { findJudge } from "./testing/judges.ts";
import { Random, randomPieces } from "./testing/random.ts";

const nixStore = findJudge("nix-store");

type Tree =
  | { readonly kind: "file"; readonly executable: boolean; readonly contents: Buffer }
  | { readonly kind: "symlink"; readonly target: ByteString }
  | { readonly kind: "directory"; readonly entries: ReadonlyMap<ByteString, Tree> };

function randomTree(random: Random, depth: number): Tree {
  const shape = random.below(depth > 0 ? 5 : 3);
  if (shape === 0) return { kind: "symlink", target: random.text(1 + random.below(20), "abc/.\xe4\xff") };
  if (shape < 3) {
    const length = random.pick([0, 1, 7, 8, 9, 5000, 8192, 8193, 100_000]);
    return { kind: "file", executable: random.chance(0.3), contents: random.bytes(length) };
  }
  const names = random.list(random.below(12), () =>
    random.text(1 + random.below(10), "abcXYZ-.~\x01\x7f\x80\xff"),
  );
  const valid = names.filter((name) => name !== "." && name !== "..");
  return { kind: "directory", entries: new Map(valid.map((name) => [name, randomTree(random, depth - 1)])) };
}

function narTree(tree: Tree): NarTree {
  switch (tree.kind) {
    case "symlink":
      return tree;
    case "file":
      return {
        kind: "file",
        executable: tree.executable,
        sizeBytes: tree.contents.length,
        contents: () => [tree.contents],
      };
    case "directory":
      return {
        kind: "directory",
        entries: () => Array.from(tree.entries, ([name, child]) => [name, narTree(child)] as const),
      };
  }
}

function encode(tree: NarTree): Buffer {
  const chunks: Buffer[] = [];
  dumpNar(tree, (chunk) => chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
}

/** Rebuilds the tree from the events, as a restorer would. */
async function decode(source: Iterable<Uint8Array>): Promise<Tree> {
  const trees = new Map<ByteString, Tree>();
  for await (const event of decodeNar(source)) {
    if (event.kind === "directory-end") continue;
    const tree = await treeOfEvent(event);
    trees.set(event.path, tree);
    if (event.path === "") continue;
    const slash = event.path.lastIndexOf("/");
    const parent = trees.get(slash < 0 ? "" : event.path.slice(0, slash));
    assert.ok(parent?.kind === "directory");
    (parent.entries as Map<ByteString, Tree>).set(event.path.slice(slash + 1), tree);
  }
  return trees.get("")!;
}

async function treeOfEvent(event: Exclude<NarEvent, { kind: "directory-end" }>): Promise<Tree> {
  if (event.kind === "symlink") return { kind: "symlink", target: event.target };
  if (event.kind === "directory") return { kind: "directory", entries: new Map() };
  const contents = await collectBytes(event.contents, event.sizeBytes);
  assert.equal(contents.length, event.sizeBytes);
  return { kind: "file", executable: event.executable, contents };
}

function writeTree(path: Buffer, tree: Tree): void {
  if (tree.kind === "symlink") symlinkSync(bytesFromByteString(tree.target), path);
  else if (tree.kind === "file")
    writeFileSync(path, tree.contents, { mode: tree.executable ? 0o755 : 0o644 });
  else {
    mkdirSync(path);
    for (const [name, child] of tree.entries) {
      writeTree(Buffer.concat([path, Buffer.from("/"), bytesFromByteString(name)]), child);
    }
  }
}

function readTree(path: Buffer): Tree {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return { kind: "symlink", target: readlinkSync(path, "latin1") };
  if (stat.isFile())
    return { kind: "file", executable: (stat.mode & 0o100) !== 0, contents: readFileSync(path) };
  const names = readdirSync(path, { encoding: "buffer" });
  const entries = names.map(
    (name) => [name.toString("latin1"), readTree(Buffer.concat([path, Buffer.from("/"), name]))] as const,
  );
  return { kind: "directory", entries: new Map(entries) };
}

test("trees come back, however the bytes are cut", async () => {
  const random = new Random(7);
  for (let i = 0; i < 60; i++) {
    const tree = randomTree(random, 4);
    const bytes = encode(narTree(tree));
    assert.deepEqual(await decode(randomPieces(random, bytes)), tree);
    assert.deepEqual(await decode([bytes]), tree);
  }
});

test("skipping contents does not lose the place", async () => {
  const random = new Random(8);
  const tree: Tree = {
    kind: "directory",
    entries: new Map(random.list(50, (i) => [`f${i}`, randomTree(random, 0)])),
  };
  const bytes = encode(narTree(tree));
  let entries = 0;
  for await (const event of decodeNar(randomPieces(random, bytes))) {
    entries++;
    if (event.kind !== "file" || random.chance(0.3)) continue;
    for await (const chunk of event.contents) if (chunk.length > 10) break;
  }
  assert.equal(entries, 52);
});

test("large contents are handed on as they are, not copied", () => {
  const contents = Buffer.alloc(1_000_000);
  const tree: NarTree = {
    kind: "file",
    executable: false,
    sizeBytes: contents.length,
    contents: () => [contents],
  };
  assert.ok([...encodeNar(tree)].includes(contents));
});

test("very deep trees need no deep stack, and are bounded in reading", async () => {
  const nested = (depth: number): NarTree => ({
    kind: "directory",
    entries: () => (depth > 1 ? [["d", nested(depth - 1)]] : []),
  });
  assert.ok(await decode([encode(nested(2048))]));
  await assert.rejects(decode([encode(nested(2049))]), { code: "nar-invalid" });
  assert.ok(encode(nested(100_000)).length > 100_000);
});

test("trees that no NAR can hold are refused", () => {
  const file: NarTree = { kind: "file", executable: false, sizeBytes: 0, contents: () => [] };
  for (const name of ["", ".", "..", "a/b", "/", "a\0", "a".repeat(256)]) {
    assert.throws(
      () => encode({ kind: "directory", entries: () => [[name, file]] }),
      { code: "nar-name" },
      JSON.stringify(name),
    );
  }
  const twice: NarTree = {
    kind: "directory",
    entries: () => [
      ["a", file],
      ["b", file],
      ["a", file],
    ],
  };
  assert.throws(() => encode(twice), { code: "nar-name" });
  for (const target of ["", "a\0b"])
    assert.throws(() => encode({ kind: "symlink", target }), { code: "nar-name" });
  for (const sizeBytes of [2, 4]) {
    const changed: NarTree = {
      kind: "file",
      executable: false,
      sizeBytes,
      contents: () => [Buffer.from("abc")],
    };
    assert.throws(() => encode(changed), { code: "nar-file-changed" });
  }
});

/** A NAR of arbitrary strings: "@" stands for the contents, which need no padding. */
function narOf(words: string): Buffer {
  const parts = words.split(" ").map((word) => {
    const text = word === "''" ? "" : word;
    const length = Buffer.alloc(8);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, Buffer.from(text), Buffer.alloc((8 - (text.length % 8)) % 8)]);
  });
  return Buffer.concat(parts);
}

const FILE = "( type regular contents hello )";
const ACCEPTED = [
  `nix-archive-1 ${FILE}`,
  "nix-archive-1 ( type regular executable '' contents hello )",
  "nix-archive-1 ( type symlink target hello )",
  "nix-archive-1 ( type directory )",
  `nix-archive-1 ( type directory entry ( name a node ${FILE} ) entry ( name b node ${FILE} ) )`,
];
const REFUSED: readonly (readonly [why: string, nar: string])[] = [
  ["another magic", `nix-archive-2 ${FILE}`],
  ["bytes behind the end", `nix-archive-1 ${FILE} )`],
  ["an unknown type", "nix-archive-1 ( type fifo )"],
  ["no type", "nix-archive-1 ( contents hello )"],
  ["a file without contents", "nix-archive-1 ( type regular )"],
  ["executable with a value", "nix-archive-1 ( type regular executable yes contents hello )"],
  ["contents before executable", "nix-archive-1 ( type regular contents hello executable '' )"],
  ["contents twice", "nix-archive-1 ( type regular contents hello contents hello )"],
  ["a link without target", "nix-archive-1 ( type symlink )"],
  ["an empty target", "nix-archive-1 ( type symlink target '' )"],
  [
    "unsorted entries",
    `nix-archive-1 ( type directory entry ( name b node ${FILE} ) entry ( name a node ${FILE} ) )`,
  ],
  [
    "an entry twice",
    `nix-archive-1 ( type directory entry ( name a node ${FILE} ) entry ( name a node ${FILE} ) )`,
  ],
  ["an entry without name", `nix-archive-1 ( type directory entry ( node ${FILE} ) )`],
  ["an entry without node", "nix-archive-1 ( type directory entry ( name a ) )"],
  ["a node before its name", `nix-archive-1 ( type directory entry ( node ${FILE} name a ) )`],
  ...["''", ".", "..", "a/b", "/", "../a", "a\0b"].map((name) => {
    return [
      `the name ${JSON.stringify(name)}`,
      `nix-archive-1 ( type directory entry ( name ${name} node ${FILE} ) )`,
    ] as const;
  }),
];

test("only the canonical form is read", async () => {
  for (const nar of ACCEPTED) await decode([narOf(nar)]);
  for (const [why, nar] of REFUSED)
    await assert.rejects(decode([narOf(nar)]), { name: "CopseError", code: "nar-invalid" }, why);
  const valid = narOf(ACCEPTED[4]!);
  for (let length = 0; length < valid.length; length++) {
    await assert.rejects(decode([valid.subarray(0, length)]), { code: "nar-invalid" }, `cut at ${length}`);
  }
  // Every byte of this NAR is either padding or changes the meaning.
  const padded = narOf(ACCEPTED[0]!);
  for (const [at, byte] of padded.entries()) {
    if (byte !== 0) continue;
    const changed = Buffer.from(padded);
    changed[at] = 1;
    await assert.rejects(decode([changed]), { code: "nar-invalid" }, `a bit at ${at}`);
  }
});

test("C++ Nix dumps and restores the same NARs", { skip: nixStore.reason }, async () => {
  const random = new Random(9);
  const root = mkdtempSync(join(tmpdir(), "copse-format-"));
  try {
    for (let i = 0; i < 12; i++) {
      const tree: Tree = {
        kind: "directory",
        entries: new Map(random.list(4, (n) => [`${n}`, randomTree(random, 3)])),
      };
      const written = join(root, `written-${i}`);
      writeTree(Buffer.from(written), tree);
      const bytes = encode(narTree(tree));
      assert.ok(nixStore.judge!.run(["--dump", written]).equals(bytes));
      const restored = join(root, `restored-${i}`);
      nixStore.judge!.run(["--restore", restored], bytes);
      const expected = readTree(Buffer.from(restored));
      assert.deepEqual(await decode([bytes]), expected);
      assert.ok(encode(narTree(expected)).equals(bytes));
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
