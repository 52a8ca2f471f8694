import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { formatHash } from "#format";
import { lines, noCppNix, runCppNix } from "../test-store.ts";
import { dumpTree, freshBuffer } from "./dump-tree.ts";
import { hashTreeSync } from "./hash-tree.ts";
import { removeTree } from "./place-tree.ts";
import { restoreTree } from "./restore-tree.ts";

function withDirectory<T>(work: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "copse-dump-"));
  const clean = () => removeTree(directory);
  const result = work(directory);
  if (result instanceof Promise) return result.finally(clean) as T;
  clean();
  return result;
}

function dump(path: string): Buffer {
  return Buffer.concat([...dumpTree(path, { nextBuffer: freshBuffer })]);
}

test("dumps, byte for byte, what C++ Nix dumps", { skip: noCppNix }, () => {
  withDirectory((directory) => {
    const tree = join(directory, "tree");
    mkdirSync(join(tree, "d/".repeat(60)), { recursive: true });
    // Around the buffer's size, and around multiples of 8.
    for (const size of [0, 1, 7, 8, 9, 1 << 20, (1 << 20) + 1, (1 << 20) - 300, 2_500_000]) {
      writeFileSync(join(tree, `file-${size}`), Buffer.alloc(size, size % 251), {
        mode: size % 2 ? 0o755 : 0o644,
      });
    }
    for (let i = 0; i < 3000; i++) writeFileSync(join(tree, `${i}${"n".repeat(240)}`), "");
    for (const name of ["Z", "a", "_", "\x7f", "\xc3\xa9", "\xff", "\x01", " ", "a.b", "a-b", "aa"]) {
      writeFileSync(Buffer.from(`${tree}/${name}`, "latin1"), name);
    }
    symlinkSync("x".repeat(4000), join(tree, "long-link"));
    symlinkSync(Buffer.from("\xe9", "latin1"), join(tree, "bytes-link"));
    assert.equal(dump(tree).equals(runCppNix("nix-store", ["--dump", tree])), true);
    for (const name of ["file-9", "long-link"]) {
      assert.equal(dump(join(tree, name)).equals(runCppNix("nix-store", ["--dump", join(tree, name)])), true);
    }
    const hash = formatHash(hashTreeSync(tree).narHash, "base16");
    assert.deepEqual(lines(runCppNix("nix-hash", ["--type", "sha256", tree])), [hash]);
  });
});

test("restores what was dumped, and C++ Nix's dumps", { skip: noCppNix }, () =>
  withDirectory(async (directory) => {
    const tree = join(directory, "tree");
    mkdirSync(join(tree, "empty"), { recursive: true });
    writeFileSync(join(tree, "run"), "#!", { mode: 0o755 });
    writeFileSync(Buffer.from(`${tree}/\xe9`, "latin1"), Buffer.alloc(3_000_000, 7));
    symlinkSync("run", join(tree, "link"));
    const nar = runCppNix("nix-store", ["--dump", tree]);
    const copy = join(directory, "copy");
    await restoreTree(inPieces(nar, 65_521), copy);
    assert.equal(dump(copy).equals(nar), true);
    assert.equal(dump(tree).equals(nar), true);
  }),
);

test("what is neither file, directory nor link is refused", () => {
  withDirectory((directory) => {
    execFileSync("mkfifo", [join(directory, "pipe")]);
    assert.throws(
      () => dump(directory),
      (error) => isCopseError(error, "store-special-file") && error.message.includes("/pipe"),
    );
  });
});

test("a NAR that is cut short or hostile leaves nothing outside of its target", () =>
  withDirectory(async (directory) => {
    const tree = join(directory, "tree");
    mkdirSync(tree);
    writeFileSync(join(tree, "aaaaaaaa"), "x");
    const nar = dump(tree);
    const hostile = Buffer.from(nar.toString("latin1").replace("aaaaaaaa", "../../aa"), "latin1");
    for (const [index, bytes] of [hostile, nar.subarray(0, -8), Buffer.concat([nar, nar])].entries()) {
      await assert.rejects(restoreTree(inPieces(bytes, 100), join(directory, String(index))), (error) =>
        isCopseError(error, "nar-invalid"),
      );
    }
  }));

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
