import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { isUsable, locateStore, storePlace } from "./place.ts";
import { openStore } from "./store.ts";
import { testStore } from "./test-store.ts";

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
