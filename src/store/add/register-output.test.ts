import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { hashBytes, makeFixedOutputPath, makeOutputPath, type StorePath } from "#format";
import type { Store } from "../store.ts";
import { noCppNix, testStore } from "../test-store.ts";

function outputPath(name: string, output = "out"): StorePath {
  return makeOutputPath({ drvHash: hashBytes("sha256", name), output, name });
}

/** A build output with these files; more than a few make it large enough for a worker thread. */
function build(store: Store, files: Readonly<Record<string, string>>): string {
  const path = store.tempPath();
  mkdirSync(path);
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(path, name), contents);
  return path;
}

test("finds references, itself and other outputs among them", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const used = store.addText({ name: "used", contents: "1", references: [] });
  const linked = store.addText({ name: "linked", contents: "2", references: [] });
  const unused = store.addText({ name: "unused", contents: "3", references: [] });
  const [out, dev] = [outputPath("pkg"), outputPath("pkg", "dev")];
  const tmpOut = build(store, { file: `${"x".repeat(2 ** 20 - 150)}${used}`, self: out });
  for (let i = 0; i < 70; i++) writeFileSync(join(tmpOut, `f${i}`), String(i));
  symlinkSync(`${linked}/bin/x`, join(tmpOut, "link"));
  const tmpDev = build(store, { file: out });
  const candidates = [used, linked, unused, out, dev];
  const infos = await store.registerOutputs([
    { finalPath: dev, tmpRealPath: tmpDev, candidates },
    { finalPath: out, tmpRealPath: tmpOut, candidates, deriver: unused },
  ]);
  assert.deepEqual(infos[0]!.references, [out]);
  assert.deepEqual(infos[1]!.references, [used, linked, out].sort());
  assert.equal(infos[1]!.deriver, unused);
  assert.equal(existsSync(tmpOut), false);
  fixture.nixStore("--verify", "--check-contents");
  assert.deepEqual(fixture.nixStore("-q", "--references", out).sort(), [...infos[1]!.references]);
  assert.deepEqual(fixture.nixStore("-qR", dev).sort(), [used, linked, out, dev].sort());
});

test("what is valid already stays, and what was built again is removed", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const finalPath = outputPath("pkg");
  const first = await store.registerOutput({
    finalPath,
    tmpRealPath: build(store, { a: "1" }),
    candidates: [],
  });
  const again = build(store, { a: "2" });
  assert.deepEqual(await store.registerOutput({ finalPath, tmpRealPath: again, candidates: [] }), first);
  assert.equal(existsSync(again), false);
});

test("outputs that refer to each other are refused, and none is registered", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const [a, b] = [outputPath("a"), outputPath("b")];
  const outputs = [
    { finalPath: a, tmpRealPath: build(store, { b }), candidates: [a, b] },
    { finalPath: b, tmpRealPath: build(store, { a }), candidates: [a, b] },
  ];
  await assert.rejects(store.registerOutputs(outputs), (error) => isCopseError(error, "store-cycle"));
  assert.deepEqual(store.allPaths(), []);
});

test("fixed outputs: by file, by tree, with other algorithms", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  for (const algorithm of ["sha256", "sha1", "sha512", "md5"] as const) {
    const tmpRealPath = store.tempPath();
    writeFileSync(tmpRealPath, "contents");
    chmodSync(tmpRealPath, 0o644);
    const fixed = { method: "flat", hash: hashBytes(algorithm, "contents") } as const;
    const finalPath = makeFixedOutputPath({ name: "f", ...fixed });
    const info = await store.registerOutput({ finalPath, tmpRealPath, candidates: [], fixed });
    assert.equal(info.ca?.startsWith(`fixed:${algorithm}:`), true);
  }
  const tmpRealPath = build(store, { a: "a" });
  const { narHash: hash } = await store.hashTree(tmpRealPath);
  const fixed = { method: "nar", hash } as const;
  const finalPath = makeFixedOutputPath({ name: "tree", ...fixed });
  await store.registerOutput({ finalPath, tmpRealPath, candidates: [], fixed });
  fixture.nixStore("--verify", "--check-contents");
  assert.equal(fixture.nixStore("-q", "--hash", finalPath).length, 1);
});

test("a fixed output with other contents, with references, or elsewhere is refused", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const used = store.addText({ name: "used", contents: "1", references: [] });
  const hash = hashBytes("sha256", used);
  const fixed = { method: "flat", hash } as const;
  const finalPath = makeFixedOutputPath({ name: "f", ...fixed });
  const built = (contents: string) => {
    const path = store.tempPath();
    writeFileSync(path, contents);
    return path;
  };
  const cases = [
    { code: "hash-mismatch", contents: "other", path: finalPath },
    { code: "store-path-references", contents: used, path: finalPath },
    { code: "store-path-references", contents: `not that hash, but ${used}`, path: finalPath },
    { code: "store-path-mismatch", contents: used, path: outputPath("elsewhere"), candidates: [] },
  ];
  for (const { code, contents, path, candidates = [used] } of cases) {
    const request = { finalPath: path, tmpRealPath: built(contents), candidates, fixed };
    await assert.rejects(store.registerOutput(request), (error) => isCopseError(error, code), code);
  }
  // What came out instead is in the store, under the name that it deserves.
  const came = makeFixedOutputPath({ name: "f", method: "flat", hash: hashBytes("sha256", "other") });
  assert.deepEqual(store.allPaths(), [used, came].sort());
});

test("a NAR is imported if it is what was promised", { skip: noCppNix }, async () => {
  await using from = testStore();
  await using to = testStore();
  const leaf = from.store.addText({ name: "leaf", contents: "leaf", references: [] });
  const finalPath = outputPath("pkg");
  const tmpRealPath = build(from.store, { leaf, big: "x".repeat(3_000_000) });
  const info = await from.store.registerOutput({ finalPath, tmpRealPath, candidates: [leaf] });
  const importInto = (changes: object = {}) =>
    to.store.importNar({ ...info, ...changes }, from.store.dumpNar(finalPath));
  await assert.rejects(importInto(), (error) => isCopseError(error, "store-reference-invalid"));
  await to.store.importNar(from.store.queryInfo(leaf)!, from.store.dumpNar(leaf));
  for (const changes of [
    { narSize: info.narSize - 1 },
    { narSize: info.narSize + 1 },
    { narHash: hashBytes("sha256", "") },
  ]) {
    await assert.rejects(importInto(changes), (error) => isCopseError(error, "hash-mismatch"));
  }
  assert.equal(to.store.isValid(finalPath), false);
  await importInto();
  assert.deepEqual(to.store.closure([finalPath]), [leaf, finalPath]);
  to.nixStore("--verify", "--check-contents");
});
