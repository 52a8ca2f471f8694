import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import type { StorePath } from "#format";
import { openStore } from "../open-store.ts";
import { storePlace } from "../place/store-place.ts";
import type { Store } from "../store.ts";
import { noCppNix, runCppNix, testStore } from "../test-store.ts";
import { copyPaths } from "./copy-paths.ts";
import { registerValidity } from "./validity-text.ts";

function addWeb(store: Store, directory: string): StorePath[] {
  const tree = join(directory, "tree");
  mkdirSync(join(tree, "d"), { recursive: true });
  writeFileSync(join(tree, "d", "run"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(tree, "large"), Buffer.alloc(3_000_003, 7));
  symlinkSync("d/run", join(tree, "link"));
  const low = store.addTree({ name: "low", source: tree });
  const middle = store.addText({ name: "middle", contents: low, references: [low] });
  const high = store.addText({ name: "high", contents: middle, references: [middle, low] });
  store.flush();
  return [low, middle, high];
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

async function gather(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of stream) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}

test("exports what C++ Nix exports, and imports it", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  await using other = testStore();
  const paths = addWeb(fixture.store, fixture.directory);
  const exported = await gather(fixture.store.exportPaths(paths));
  fixture.store.settle();
  assert.equal(
    exported.equals(runCppNix("nix-store", ["--store", fixture.prefix, "--export", ...paths])),
    true,
  );
  assert.deepEqual(await other.store.importPaths(chunks(exported)), paths);
  for (const path of paths) {
    const { registrationTime: _, ca: __, ...facts } = fixture.store.requireInfo(path);
    const { registrationTime: ___, ca: ____, ...imported } = other.store.requireInfo(path);
    assert.deepEqual(imported, facts);
  }
  other.nixStore("--verify", "--check-contents");
});

test("what is no export, or lacks what it refers to, is refused, and nothing stays", async () => {
  await using fixture = testStore();
  await using other = testStore();
  const paths = addWeb(fixture.store, fixture.directory);
  const whole = await gather(fixture.store.exportPaths(paths));
  const partial = await gather(fixture.store.exportPaths(paths.slice(2)));
  const importing = (bytes: Uint8Array) => other.store.importPaths(chunks(bytes));
  await assert.rejects(importing(partial), (error) => isCopseError(error, "store-reference-invalid"));
  await assert.rejects(importing(Buffer.alloc(64, 9)), (error) => isCopseError(error, "export-invalid"));
  const wrongMagic = Buffer.from(partial);
  wrongMagic[wrongMagic.indexOf("NIXE")] = 1;
  await assert.rejects(importing(wrongMagic), (error) => isCopseError(error, "export-invalid"));
  assert.deepEqual(other.store.allPaths(), []);
  // Cut off anywhere, what came whole before is valid.
  await assert.rejects(importing(whole.subarray(0, whole.length - 100)));
  assert.deepEqual(other.store.allPaths(), paths.slice(0, 2).sort());
});

test("the database as text, there and back as C++ Nix does it", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const paths = addWeb(fixture.store, fixture.directory);
  const text = [...fixture.store.dumpDatabase()].join("");
  fixture.store.settle();
  assert.equal(text, String(runCppNix("nix-store", ["--store", fixture.prefix, "--dump-db"])));
  await fixture.store.close();
  rmSync(join(fixture.prefix, "nix/var/nix/db"), { recursive: true });
  const store = openStore(storePlace(fixture.prefix));
  const load = { hashGiven: true, reregister: true };
  assert.equal(await registerValidity(store, chunks(Buffer.from(text)), load), 3);
  assert.deepEqual(store.closure([paths[2]!]), paths);
  await store.close();
  fixture.nixStore("--verify", "--check-contents");
});

test("registers files by themselves, with metadata made canonical", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const path = `${store.place.storeDir}/${"a".repeat(32)}-reg` as StorePath;
  writeFileSync(store.realPath(path), "x");
  chmodSync(store.realPath(path), 0o666);
  assert.equal(await registerValidity(store, chunks(Buffer.from(`${path}\n\n0\n`))), 1);
  fixture.nixStore("--verify", "--check-contents");
  assert.equal(store.requireInfo(path).narSize, 120);
  for (const damaged of [`${path}\n\n`, `${path}\n\nmany\n`, "/elsewhere\n\n0\n"]) {
    await assert.rejects(registerValidity(store, chunks(Buffer.from(damaged)), { reregister: true }));
  }
});

test("copies a closure to another store, comparing hashes", async () => {
  await using from = testStore();
  await using to = testStore();
  const paths = addWeb(from.store, from.directory);
  assert.deepEqual(await copyPaths({ from: from.store, to: to.store, paths: [paths[2]!] }), paths);
  assert.deepEqual(await copyPaths({ from: from.store, to: to.store, paths: [paths[2]!] }), []);
  assert.equal(readFileSync(to.store.realPath(paths[1]!), "utf8"), paths[0]);
  await using third = testStore();
  const alone = copyPaths({ from: from.store, to: third.store, paths: [paths[2]!], closure: false });
  await assert.rejects(alone, (error) => isCopseError(error, "store-reference-invalid"));
  chmodSync(from.store.realPath(paths[1]!), 0o644);
  writeFileSync(from.store.realPath(paths[1]!), "y".repeat(paths[0]!.length));
  await assert.rejects(copyPaths({ from: from.store, to: third.store, paths: [paths[2]!] }), (error) =>
    isCopseError(error, "hash-mismatch"),
  );
  assert.deepEqual(third.store.allPaths(), [paths[0]]);
});
