import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError, mapConcurrently } from "#base";
import { makeFixedOutputPath } from "#format";
import { testStore } from "../test-store.ts";
import { canonicaliseTree } from "./canonical.ts";

test("modes, times and setuid bits become canonical, links to elsewhere stay untouched", async () => {
  await using fixture = testStore();
  const tree = join(fixture.directory, "tree");
  const outside = join(fixture.directory, "outside");
  mkdirSync(join(tree, "closed"), { recursive: true });
  writeFileSync(outside, "");
  utimesSync(outside, 1000, 1000);
  const files = { "closed/plain": 0o600, run: 0o4711, "group-run": 0o654, closed: 0o3700 };
  for (const [name, mode] of Object.entries(files)) {
    if (name !== "closed") writeFileSync(join(tree, name), "");
    chmodSync(join(tree, name), mode);
  }
  linkSync(join(tree, "run"), join(tree, "run-too"));
  symlinkSync("../outside", join(tree, "link"));
  canonicaliseTree(tree);
  const seen = (name: string) => {
    const info = lstatSync(join(tree, name));
    return [info.mode & 0o7777, info.mtimeMs];
  };
  assert.deepEqual(seen("."), [0o555, 1000]);
  assert.deepEqual(seen("closed"), [0o555, 1000]);
  assert.deepEqual(seen("closed/plain"), [0o444, 1000]);
  assert.deepEqual(seen("run"), [0o555, 1000]);
  assert.deepEqual(seen("group-run"), [0o444, 1000]);
  assert.equal(seen("link")[1], 1000);
  assert.equal(lstatSync(join(tree, "run-too")).nlink, 2);
  assert.equal(lstatSync(outside).mtimeMs, 1_000_000);
});

test("as root, files become root's", { skip: process.geteuid?.() !== 0 && "not root" }, async () => {
  await using fixture = testStore();
  const file = join(fixture.directory, "file");
  writeFileSync(file, "");
  execFileSync("chown", ["1234:1234", file]);
  canonicaliseTree(file);
  assert.deepEqual([lstatSync(file).uid, lstatSync(file).gid], [0, 0]);
});

test("a named pipe is refused, also from a worker thread", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const build = store.tempPath();
  mkdirSync(build);
  for (let i = 0; i < 100; i++) writeFileSync(join(build, String(i)), "");
  execFileSync("mkfifo", [join(build, "pipe")]);
  const hash = { algorithm: "sha1", digest: Buffer.alloc(20) } as const;
  const finalPath = makeFixedOutputPath({ name: "x", method: "nar", hash });
  await assert.rejects(store.registerOutput({ finalPath, tmpRealPath: build, candidates: [] }), (error) =>
    isCopseError(error, "store-special-file"),
  );
  assert.deepEqual(store.allPaths(), []);
});

test("a stream that fails half-way leaves its threads usable", async () => {
  await using fixture = testStore();
  const big = join(fixture.directory, "big");
  mkdirSync(big);
  for (let i = 0; i < 30; i++) writeFileSync(join(big, String(i)), Buffer.alloc(300_000, i));
  const before = await fixture.store.hashTree(big);
  execFileSync("mkfifo", [join(big, "z")]);
  // More often than there are threads.
  for (let i = 0; i < 10; i++) {
    await assert.rejects(fixture.store.hashTree(big), (error) => isCopseError(error, "store-special-file"));
  }
  rmSync(join(big, "z"));
  assert.deepEqual(await fixture.store.hashTree(big), before);
});

test("many trees at once, beside the main thread", async () => {
  await using fixture = testStore();
  const big = join(fixture.directory, "big");
  mkdirSync(big);
  for (let i = 0; i < 20; i++) writeFileSync(join(big, String(i)), Buffer.alloc(300_000, i));
  const hashes = await mapConcurrently(Array.from({ length: 8 }), { limit: 8 }, () =>
    fixture.store.hashTree(big),
  );
  assert.equal(new Set(hashes.map((tree) => Buffer.from(tree.narHash.digest).toString("hex"))).size, 1);
  const abort = new AbortController();
  const aborted = fixture.store.hashTree(big, [], abort.signal);
  abort.abort(new Error("enough"));
  await assert.rejects(aborted, /enough/);
});
