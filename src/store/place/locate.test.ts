import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { openStore } from "../open-store.ts";
import { cppNixProgram, inOtherStore, noCppNix, testStore } from "../test-store.ts";
import { locateStore } from "./locate.ts";
import { isUsable, storePlace } from "./store-place.ts";

const systemIsUsable = isUsable(storePlace(""));

test("COPSE_STORE decides", () => {
  assert.equal(locateStore({ COPSE_STORE: "/data/store/", HOME: "/home/u" }).prefix, "/data/store");
  assert.throws(
    () => locateStore({ COPSE_STORE: "data", HOME: "/home/u" }),
    (error) => isCopseError(error, "store-place-relative"),
  );
});

test("without a usable /nix, the user's data directory", {
  skip: systemIsUsable && "/nix is usable here",
}, () => {
  assert.equal(locateStore({ HOME: "/home/u" }).prefix, "/home/u/.local/share/copse");
  assert.equal(locateStore({ HOME: "/home/u", XDG_DATA_HOME: "/d" }).prefix, "/d/copse");
  assert.equal(
    locateStore({ HOME: "/home/u", XDG_DATA_HOME: "relative" }).prefix,
    "/home/u/.local/share/copse",
  );
  assert.throws(
    () => locateStore({}),
    (error) => isCopseError(error, "store-nowhere"),
  );
});

test("a usable /nix comes before the user's own", {
  skip: !systemIsUsable && "/nix is not usable here",
}, () => {
  assert.equal(locateStore({ HOME: "/home/u" }).realStoreDir, "/nix/store");
});

test("real paths are below the prefix, logical ones are not", async () => {
  await using fixture = testStore();
  const { store, prefix } = fixture;
  const path = store.addText({ name: "x", contents: "", references: [] });
  assert.equal(store.realPath(`${path}/a/b`), `${prefix}${path}/a/b`);
  assert.equal(store.realPath("/etc/passwd"), "/etc/passwd");
  assert.equal(isUsable(store.place), true);
});

test("a database of another version is refused", async () => {
  await using fixture = testStore();
  writeFileSync(join(fixture.store.place.stateDir, "db/schema"), "9");
  assert.throws(
    () => openStore(fixture.store.place),
    (error) => isCopseError(error, "store-schema"),
  );
});

test("Nix's store URIs", () => {
  const env = { HOME: "/home/u" };
  const at = (store: string) => locateStore(env, { store });
  assert.equal(at("/data/store/").realStoreDir, "/data/store/nix/store");
  assert.equal(at("local:///data/a%2Bb").prefix, "/data/a+b");
  assert.equal(at("/data/a%2Bb").prefix, "/data/a%2Bb");
  assert.equal(at("./x").prefix, `${process.cwd()}/x`);
  const place = at("local?root=/r&real=/real&state=/s/nix&log=/l&read-only=true");
  assert.deepEqual(
    [place.realStoreDir, place.stateDir, place.logDir, place.copseDir, place.readOnly],
    ["/real", "/s/nix", "/l", "/s/copse", true],
  );
  assert.equal(at(place.uri).stateDir, "/s/nix");
  assert.equal(at("local").realStoreDir, storePlace("").realStoreDir);
  assert.equal(locateStore({ NIX_REMOTE: "/data/store" }).prefix, "/data/store");
  assert.equal(locateStore({ NIX_REMOTE: "/data/store", COPSE_STORE: "/mine" }).prefix, "/mine");
  assert.equal(locateStore({ COPSE_STORE: "/mine" }, { store: "/data/store" }).prefix, "/data/store");
  const overlay = at("local-overlay://?root=/o&lower-store=/l&upper-layer=/u&check-mount=false").overlay;
  assert.deepEqual([overlay?.lower.prefix, overlay?.upperLayer, overlay?.checkMount], ["/l", "/u", false]);
  for (const [uri, code] of [
    ["nonsense", "store-uri"],
    ["local?unknown=1", "store-uri"],
    ["local?read-only=perhaps", "store-uri"],
    ["local?root=relative", "store-place-relative"],
    ["local?store=/other/store", "store-uri"],
    ["local:///%zz", "store-uri"],
    ["local-overlay://?root=/o", "store-uri"],
    ["ssh://host", "store-uri-unsupported"],
    ["daemon", "store-daemon"],
    ["unix:///socket", "store-daemon"],
  ] as const) {
    assert.throws(
      () => at(uri),
      (error) => isCopseError(error, code),
      uri,
    );
  }
});

test("Nix's variables name the system's own store", () => {
  const env = { NIX_STATE_DIR: "/s/nix", NIX_LOG_DIR: "/l", HOME: "/home/u" };
  const place = locateStore(env);
  assert.deepEqual([place.stateDir, place.logDir, place.prefix], ["/s/nix", "/l", ""]);
  assert.deepEqual(locateStore({ NIX_LOCALSTATE_DIR: "/v" }, { store: "local" }).stateDir, "/v/nix");
});

test("a store directory of its own enters every path, as in C++ Nix", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const env = { ...process.env, NIX_STORE_DIR: "/elsewhere/store" };
  const file = join(fixture.directory, "file");
  writeFileSync(file, "x");
  const script = `
    import { locateStore, openStore } from ${JSON.stringify(join(import.meta.dirname, "../mod.ts"))};
    const store = openStore(locateStore(process.env, { store: ${JSON.stringify(fixture.prefix)} }));
    console.log(store.addTree({ name: "file", source: ${JSON.stringify(file)} }));
    await store.close();`;
  const run = (program: string, args: string[]) =>
    execFileSync(program, args, { env, encoding: "utf8" }).trim();
  const ours = run(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "-e",
    script,
  ]);
  assert.match(ours, /^\/elsewhere\/store\//);
  assert.equal(run(cppNixProgram("nix-store"), ["--store", fixture.prefix, "--add", file]), ours);
});

test("an empty store of no lasting", async () => {
  const store = openStore(locateStore({}, { store: "dummy://" }));
  const path = store.addText({ name: "x", contents: "", references: [] });
  assert.equal(existsSync(store.realPath(path)), true);
  await store.close();
  assert.equal(existsSync(store.place.prefix), false);
});

test("a store that may only be read gives what it has, and says clearly that it takes nothing", async () => {
  await using fixture = testStore();
  const source = join(fixture.directory, "source");
  writeFileSync(source, "there");
  const there = await inOtherStore(fixture.prefix, (store) => store.addTree({ name: "source", source }));
  await fixture.store.close();
  await using store = openStore(storePlace(fixture.prefix, { readOnly: true }));
  assert.equal(store.requireInfo(there).narSize, 120);
  assert.equal(store.addTree({ name: "source", source }), there);
  assert.equal((await store.add({ name: "source", source })).path, there);
  writeFileSync(source, "new");
  const refused = (error: unknown) => isCopseError(error, "store-read-only");
  assert.throws(() => store.addTree({ name: "source", source }), refused);
  await assert.rejects(store.add({ name: "source", source }), refused);
  await assert.rejects(store.collectGarbage({ action: "delete-dead" }), refused);
  assert.throws(() => store.addRoot("x", there), refused);
  assert.throws(
    () => openStore(storePlace(join(fixture.directory, "nowhere"), { readOnly: true })),
    (error) => isCopseError(error, "store-missing"),
  );
});

test("the umask does not change what is stored", async () => {
  await using fixture = testStore();
  const umask = process.umask(0o077);
  try {
    const source = join(fixture.directory, "source");
    mkdirSync(source);
    writeFileSync(join(source, "file"), "x");
    const { store } = fixture;
    const path = store.addTree({ name: "source", source });
    const text = store.addText({ name: "text", contents: "", references: [] });
    assert.equal(statSync(store.realPath(path)).mode & 0o7777, 0o555);
    assert.equal(statSync(store.realPath(`${path}/file`)).mode & 0o7777, 0o444);
    assert.equal(statSync(store.realPath(text)).mode & 0o7777, 0o444);
  } finally {
    process.umask(umask);
  }
});

test("without a write-ahead log", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  await fixture.store.close();
  const settings = { "use-sqlite-wal": false };
  await using store = openStore(storePlace(fixture.prefix), { settings });
  const path = store.addText({ name: "x", contents: "", references: [] });
  store.settle();
  assert.equal(existsSync(join(store.place.stateDir, "db/db.sqlite-wal")), false);
  assert.deepEqual(fixture.nixStore("--option", "use-sqlite-wal", "false", "-q", "--size", path), ["112"]);
});
