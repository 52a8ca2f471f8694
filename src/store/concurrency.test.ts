import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noCppNix, testStore } from "./test-store.ts";

/** Another process with `store` opened on the same place; says what it prints line by line. */
function inOtherProcess(prefix: string, code: string): ChildProcess {
  const script = `
    import { openStore, storePlace } from ${JSON.stringify(join(import.meta.dirname, "mod.ts"))};
    const store = openStore(storePlace(${JSON.stringify(prefix)}));
    ${code}
    await store.close();`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function succeeds(child: ChildProcess): Promise<string> {
  let output = "";
  child.stdout!.on("data", (chunk) => {
    output += chunk;
  });
  const [code, signal] = await once(child, "close");
  assert.deepEqual([code, signal], [0, null]);
  return output;
}

function makeTrees(directory: string, count: number): void {
  for (let i = 0; i < count; i++) {
    mkdirSync(join(directory, "trees", String(i), "d"), { recursive: true });
    for (let j = 0; j < 20; j++)
      writeFileSync(join(directory, "trees", String(i), "d", String(j)), `${i} ${j}`);
  }
}

const ADD_MUCH = (directory: string) => `
  for (let i = 0; i < 30; i++) {
    let last = [];
    for (let j = 0; j < 20; j++) last = [store.addText({ name: "t", contents: i + " " + j, references: last })];
    store.addTree({ name: "tree", source: ${JSON.stringify(directory)} + "/trees/" + i });
    store.flush();
    console.log(i);
  }`;

test("several processes open a new store and add the same things to it", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  makeTrees(fixture.directory, 30);
  const prefix = join(fixture.directory, "new");
  const others = Array.from({ length: 4 }, () => inOtherProcess(prefix, ADD_MUCH(fixture.directory)));
  await Promise.all(others.map(succeeds));
  fixture.nixStore("--store", prefix, "--verify", "--check-contents");
  const entries = readdirSync(join(prefix, "nix/store")).filter((name) => name !== ".links");
  assert.equal(entries.length, 30 * 21);
});

test("a process killed at any moment leaves nothing half registered", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  makeTrees(fixture.directory, 30);
  for (const delayMs of [0, 3, 10, 30, 80, 150]) {
    const child = inOtherProcess(fixture.prefix, ADD_MUCH(fixture.directory));
    const ended = once(child, "close");
    await once(child.stdout!, "data");
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    child.kill("SIGKILL");
    await ended;
    // Verifying removes rows whose files are missing, so it must find none.
    const before = fixture.store.allPaths();
    fixture.nixStore("--verify", "--check-contents");
    assert.deepEqual(fixture.store.allPaths(), before);
  }
  await succeeds(inOtherProcess(fixture.prefix, ADD_MUCH(fixture.directory)));
  assert.equal(fixture.store.allPaths().length, 30 * 21);
  const own = fixture.store.tempPath();
  mkdirSync(own);
  assert.equal(fixture.store.removeAbandonedTemporaries().length > 0, true);
  assert.deepEqual(fixture.store.removeAbandonedTemporaries(), []);
  assert.equal(existsSync(own), true);
  fixture.nixStore("--verify", "--check-contents");
});

const PATH = "/nix/store/00000000000000000000000000000000-locked";
const LOCK_AND_WAIT = `
  const lock = await store.lock([${JSON.stringify(PATH)}]);
  console.log("locked");
  await new Promise((resolve) => setTimeout(resolve, 60_000));`;

test("a lock keeps other processes and callers out, and ends with its holder", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const path = PATH as Parameters<typeof store.lock>[0][number];
  const child = inOtherProcess(fixture.prefix, LOCK_AND_WAIT);
  const ended = once(child, "close");
  await once(child.stdout!, "data");
  const short = AbortSignal.timeout(100);
  await assert.rejects(store.lock([path], short), (error) => error === short.reason);
  const waiting = store.lock([path]);
  child.kill("SIGKILL");
  const lock = await waiting;
  await ended;
  let isFree = false;
  const second = store.lock([path]).then((next) => {
    assert.equal(isFree, true);
    return next;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  isFree = true;
  lock[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  assert.equal(existsSync(`${store.realPath(path)}.lock`), false);
});

test("one holder at a time, however many take turns", async () => {
  await using fixture = testStore();
  const counter = join(fixture.directory, "counter");
  writeFileSync(counter, "0");
  const code = `
    import { readFileSync, writeFileSync } from "node:fs";
    const file = ${JSON.stringify(counter)};
    await Promise.all([1, 2].map(async () => {
      for (let i = 0; i < 15; i++) {
        using _lock = await store.lock([${JSON.stringify(PATH)}]);
        const value = Number(readFileSync(file, "utf8"));
        await new Promise((resolve) => setTimeout(resolve, 1));
        writeFileSync(file, String(value + 1));
      }
    }));
    console.log(readFileSync(file, "utf8"));`;
  const outputs = await Promise.all([1, 2, 3].map(() => succeeds(inOtherProcess(fixture.prefix, code))));
  assert.equal(Math.max(...outputs.map(Number)), 90);
});
