import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { byteStringFromText } from "#base";
import type { StorePath } from "#format";
import type { Store } from "../store.ts";
import { cppNixProgram, noCppNix, testStore } from "../test-store.ts";
import { removeTree } from "../trees/place-tree.ts";
import type { VerifyEvent } from "./verify.ts";

function addThree(store: Store): StorePath[] {
  const low = store.addText({ name: "low", contents: "low", references: [] });
  const high = store.addText({ name: "high", contents: low, references: [low] });
  const alone = store.addText({ name: "alone", contents: "alone", references: [] });
  store.flush();
  return [low, high, alone];
}

function damage(store: Store, path: StorePath): void {
  chmodSync(store.realPath(path), 0o644);
  writeFileSync(store.realPath(path), "damaged");
  chmodSync(store.realPath(path), 0o444);
}

async function verify(store: Store, options: Parameters<Store["verify"]>[0] = {}) {
  const events: VerifyEvent[] = [];
  const { errors } = await store.verify({ ...options, onEvent: (event) => events.push(event) });
  return { errors, said: events.map(({ text }) => text) };
}

test("says of damage what C++ Nix says", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const [low, high] = addThree(store);
  assert.equal((await verify(store, { checkContents: true })).errors, 0);
  damage(store, high!);
  removeTree(byteStringFromText(store.realPath(low!)));
  const { errors, said } = await verify(store, { checkContents: true });
  assert.equal(errors, 2);
  store.settle();
  const { stderr, status } = spawnSync(
    cppNixProgram("nix-store"),
    ["--store", fixture.prefix, "--verify", "--check-contents"],
    { encoding: "utf8" },
  );
  assert.equal(status, 1);
  for (const text of said) assert.equal(stderr.includes(text), true, `${text}\n${stderr}`);
  assert.equal((await store.verifyPath(high!)).isIntact, false);
  assert.equal((await store.verifyPath(low!)).isIntact, false);
});

test("forgets what is gone and nothing there refers to, dependents first", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const [low, high, alone] = addThree(store);
  for (const path of [low!, high!]) rmSync(store.realPath(path));
  const { errors, said } = await verify(store);
  assert.equal(errors, 0);
  assert.deepEqual(said.slice(-2), [
    `path '${high}' disappeared, removing from database...`,
    `path '${low}' disappeared, removing from database...`,
  ]);
  assert.deepEqual(store.allPaths(), [alone]);
});

test("repairs through its caller, and counts what could not be", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const [low, , alone] = addThree(store);
  damage(store, low!);
  damage(store, alone!);
  const repair = async (path: StorePath) => {
    if (path === alone) return false;
    const made = store.tempPath();
    writeFileSync(made, "low");
    using _lock = await store.lock([path]);
    store.replaceContents(path, made);
    return true;
  };
  assert.equal((await verify(store, { checkContents: true, repair })).errors, 1);
  assert.equal((await store.verifyPath(low!)).isIntact, true);
});

test("optimising links equal files as C++ Nix does, and collecting keeps what is shared", {
  skip: noCppNix,
}, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const trees = ["a", "b"].map((name) => {
    const source = join(fixture.directory, name);
    mkdirSync(join(source, "d"), { recursive: true });
    writeFileSync(join(source, "same"), "same contents");
    writeFileSync(join(source, "d", "same"), "same contents");
    writeFileSync(join(source, "run"), "same contents", { mode: 0o755 });
    writeFileSync(join(source, "own"), name);
    writeFileSync(join(source, "empty"), "");
    return store.addTree({ name, source });
  });
  const result = await store.optimise();
  assert.deepEqual(result, { filesLinked: 5, bytesFreed: 4 * 13 });
  const links = readdirSync(join(store.place.realStoreDir, ".links"));
  fixture.nixStore("--verify", "--check-contents");
  // Nothing is left for it to do.
  fixture.nixStore("--optimise");
  assert.deepEqual(readdirSync(join(store.place.realStoreDir, ".links")), links);
  assert.deepEqual(await store.optimise(), { filesLinked: 0, bytesFreed: 0 });
  store.deletePath(trees[0]!);
  await store.collectGarbage({ action: "delete-dead" });
  assert.equal((await store.verifyPath(trees[1]!)).isIntact, true);
  fixture.nixStore("--verify", "--check-contents");
  assert.equal(readdirSync(join(store.place.realStoreDir, ".links")).length, 4);
});
