import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { type Derivation, derivationPath, hashBytes, makeOutputPath, type StorePath } from "#format";
import { Random } from "#format/testing";
import { openStore } from "../open-store.ts";
import { storePlace } from "../place/store-place.ts";
import type { Store } from "../store.ts";
import { cppNixProgram, inOtherStore, noRecentCppNix, testStore } from "../test-store.ts";

/** A derivation whose output is there, and refers to `references`. */
async function addBuilt(store: Store, name: string, references: readonly StorePath[]) {
  const path = makeOutputPath({ name, output: "out", drvHash: hashBytes("sha256", name) });
  const derivation: Derivation = {
    name,
    outputs: new Map([["out", { path, hashAlgo: "", hash: "" }]]),
    inputDrvs: new Map(),
    inputSrcs: references.filter((reference) => !reference.endsWith(".drv")),
    system: "x86_64-linux",
    builder: "/bin/sh",
    args: [],
    env: new Map([["name", name]]),
  };
  const drvPath = store.addDerivation(derivation, derivationPath(derivation));
  const tmpRealPath = store.tempPath();
  writeFileSync(tmpRealPath, [path, ...references].join("\n"));
  await store.registerOutput({
    finalPath: path,
    tmpRealPath,
    candidates: [path, ...references],
    deriver: drvPath,
  });
  return { path, drvPath };
}

/** A web of sources, derivations and outputs, some of them kept by roots. */
async function makeWeb(store: Store, seed: number): Promise<void> {
  const random = new Random(seed);
  const all: StorePath[] = [];
  for (let i = 0; i < 40; i++) {
    const references = [
      ...new Set(Array.from({ length: Math.min(all.length, random.below(4)) }, () => random.pick(all))),
    ];
    if (random.below(2) === 0)
      all.push(store.addText({ name: `t${i}`, contents: references.join(), references }));
    else {
      const { path, drvPath } = await addBuilt(store, `d${i}`, references);
      all.push(path, ...(random.below(3) === 0 ? [drvPath] : []));
    }
  }
  store.flush();
  for (let i = 0; i < 4; i++) {
    symlinkSync(random.pick(all), join(store.place.stateDir, "gcroots", `root${seed}-${i}`));
  }
}

for (const [keepOutputs, keepDerivations] of [
  [false, true],
  [true, true],
  [false, false],
  [true, false],
] as const) {
  test(`finds dead and alive what C++ Nix does: keep-outputs ${keepOutputs}, keep-derivations ${keepDerivations}`, {
    skip: noRecentCppNix,
  }, async () => {
    for (const seed of [1, 2]) {
      await using fixture = testStore();
      await inOtherStore(fixture.prefix, (store) => makeWeb(store, seed));
      const settings = { "keep-outputs": keepOutputs, "keep-derivations": keepDerivations };
      await using store = openStore(storePlace(fixture.prefix), { settings });
      const options = Object.entries(settings).flatMap(([name, value]) => ["--option", name, String(value)]);
      const ask = (what: string) => fixture.nixStore("--gc", what, ...options).sort();
      const dead = await store.collectGarbage({ action: "return-dead" });
      assert.deepEqual(dead.paths, ask("--print-dead"), `seed ${seed}`);
      const live = await store.collectGarbage({ action: "return-live" });
      assert.deepEqual(live.paths, ask("--print-live"), `seed ${seed}`);
      const dry = await store.collectGarbage({ action: "delete-dead", dryRun: true });
      assert.deepEqual(dry.paths, dead.paths);
      const deleted = await store.collectGarbage({ action: "delete-dead" });
      assert.deepEqual(deleted.paths, dead.paths);
      assert.deepEqual(store.allPaths(), live.paths);
      const entries = readdirSync(store.place.realStoreDir).filter(
        (name) => name !== ".links" && !name.startsWith("tmp-"),
      );
      assert.deepEqual(
        entries.sort(),
        live.paths.map((path) => path.slice(store.place.storeDir.length + 1)).sort(),
      );
      fixture.nixStore("--verify", "--check-contents");
      assert.deepEqual(ask("--print-dead"), []);
    }
  });
}

test("stops when enough is freed, and sweeps up what is not valid", async () => {
  await using fixture = testStore();
  await inOtherStore(fixture.prefix, (store) => {
    for (let i = 0; i < 5; i++)
      store.addText({ name: `t${i}`, contents: String(i).repeat(1000), references: [] });
  });
  const { store } = fixture;
  const some = await store.collectGarbage({ action: "delete-dead", maxFreedBytes: 1500 });
  assert.deepEqual([some.paths.length, some.bytesFreed, some.isLimitReached], [2, 2000, true]);
  assert.equal((await store.collectGarbage({ action: "delete-dead", maxFreedBytes: 0 })).paths.length, 0);
  const strange = join(store.place.realStoreDir, "strange");
  mkdirSync(join(strange, "d"), { recursive: true, mode: 0o500 });
  const temporary = join(store.place.realStoreDir, "tmp-9-left");
  mkdirSync(temporary);
  writeFileSync(join(store.place.realStoreDir, ".links", "unused"), "x");
  const view = join(store.place.copseDir, "views", `${"0".repeat(32)}-root`);
  mkdirSync(join(view, "usr"), { recursive: true });
  const rest = await store.collectGarbage({ action: "delete-dead" });
  assert.deepEqual([rest.paths.length, rest.isLimitReached], [4, false]);
  for (const gone of [strange, temporary, view, join(store.place.realStoreDir, ".links", "unused")]) {
    assert.equal(existsSync(gone), false, gone);
  }
  assert.deepEqual(store.allPaths(), []);
});

test("deletes given paths, or none of them", async () => {
  await using fixture = testStore();
  const [low, high, other] = await inOtherStore(fixture.prefix, (store) => {
    const low = store.addText({ name: "low", contents: "", references: [] });
    const high = store.addText({ name: "high", contents: low, references: [low] });
    return [low, high, store.addText({ name: "other", contents: "", references: [] })];
  });
  const { store } = fixture;
  const remove = (paths: StorePath[], more = {}) =>
    store.collectGarbage({ action: "delete-specific", paths, ...more });
  await assert.rejects(remove([other!, low!]), (error) => isCopseError(error, "store-path-alive"));
  assert.equal(store.allPaths().length, 3);
  assert.deepEqual((await remove([other!, low!], { skipAlive: true })).paths, [other]);
  const root = store.addRoot("keep", high!);
  await assert.rejects(
    remove([low!, high!]),
    /^CopseError: Cannot delete path '.*-low' since it is still alive\. To find out why/,
  );
  assert.equal((await remove([low!, high!], { ignoreLiveness: true, skipAlive: true })).paths.length, 0);
  void root;
  await inOtherStore(fixture.prefix, (store) => store.collectGarbage({ action: "delete-dead" }));
  assert.equal(store.isValid(low!), true);
});

test("what processes use is kept", { skip: process.platform !== "linux" }, async () => {
  await using fixture = testStore();
  const names = ["open", "environment", "inside", "unused"];
  const paths = await inOtherStore(fixture.prefix, (store) =>
    names.map((name) => store.addText({ name, contents: name, references: [] })),
  );
  const { store } = fixture;
  const [open, environment, inside] = paths;
  const child = spawn("sh", ["-c", 'exec 9<"$OPEN"; echo ready; exec sleep 60'], {
    env: {
      ...process.env,
      OPEN: store.realPath(open!),
      VARIABLE: `x:${environment}/bin`,
      COPSE_ROOT: inside!.slice(store.place.storeDir.length + 1),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout!, "data");
  await store.collectGarbage({ action: "delete-dead" });
  assert.deepEqual(store.allPaths(), paths.slice(0, 3).sort());
  child.kill();
  await once(child, "close");
  await store.collectGarbage({ action: "delete-dead" });
  assert.deepEqual(store.allPaths(), []);
});

test("C++ Nix and copse add while the other collects", { skip: noRecentCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const source = join(fixture.directory, "source");
  mkdirSync(source);
  let isOver = false;
  const collecting = (async () => {
    while (!isOver) {
      await store.collectGarbage({ action: "delete-dead" });
      await run(["--gc"]);
    }
  })();
  async function run(args: readonly string[]): Promise<string> {
    const child = spawn(cppNixProgram("nix-store"), ["--store", fixture.prefix, ...args], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    const [code] = await once(child, "close");
    assert.equal(code, 0, args.join(" "));
    return output.trim();
  }
  for (let i = 0; i < 8; i++) {
    writeFileSync(join(source, "file"), String(i));
    // Added under a temporary root, then kept by a link before the process ends: never lost in between.
    await inOtherStore(fixture.prefix, async (other) => {
      const path = other.addTree({ name: "tree", source });
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.equal(other.isValid(path), true);
      other.addRoot(`kept${i}`, path);
    });
    await run(["--add", source]);
  }
  isOver = true;
  await collecting;
  assert.equal(store.allPaths().length >= 8, true);
  fixture.nixStore("--verify", "--check-contents");
});

test("killed while collecting, it leaves garbage at worst", { skip: noRecentCppNix }, async () => {
  await using fixture = testStore();
  const script = `
    import { openStore, storePlace } from ${JSON.stringify(join(import.meta.dirname, "../mod.ts"))};
    const store = openStore(storePlace(${JSON.stringify(fixture.prefix)}));
    console.log("ready");
    await store.collectGarbage({ action: "delete-dead", onEvent: () => console.log("x") });
    await store.close();`;
  for (const events of [1, 3, 10, 25, 60]) {
    await inOtherStore(fixture.prefix, (store) => makeWeb(store, events));
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let seen = 0;
    for await (const chunk of child.stdout!) {
      seen += String(chunk).split("x").length - 1;
      if (seen >= events) child.kill("SIGKILL");
    }
    const before = fixture.store.allPaths();
    fixture.nixStore("--verify", "--check-contents");
    assert.deepEqual(fixture.store.allPaths(), before);
  }
  await fixture.store.collectGarbage({ action: "delete-dead" });
  fixture.nixStore("--verify", "--check-contents");
  const live = await fixture.store.collectGarbage({ action: "return-live" });
  assert.deepEqual(fixture.store.allPaths(), live.paths);
});
