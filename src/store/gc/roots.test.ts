import assert from "node:assert/strict";
import { mkdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { inOtherStore, noCppNix, testStore } from "../test-store.ts";

test("roots of one's own, and indirect ones as C++ Nix makes them", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const [a, b, c] = ["a", "b", "c"].map((name) => store.addText({ name, contents: name, references: [] }));
  const own = store.addRoot("environment", a!);
  const result = join(fixture.directory, "result");
  store.addIndirectRoot(result, b!);
  assert.equal(readlinkSync(result), store.realPath(b!));
  const theirs = join(fixture.directory, "theirs");
  fixture.nixStore("-r", c!, "--add-root", theirs);
  assert.deepEqual(
    new Map(store.findRoots()),
    new Map([
      [a!, [own]],
      [b!, [result]],
      [c!, [theirs]],
    ]),
  );
  // Newer versions quote the link.
  const seen = fixture.nixStore("--gc", "--print-roots").join("\n").replaceAll('"', "");
  assert.match(seen, new RegExp(`${own} -> ${a}`));
  // The same link is the same root to both.
  store.addIndirectRoot(theirs, a!);
  assert.deepEqual(store.findRoots().get(a!)?.toSorted(), [own, theirs].sort());
  store.addRoot("environment", b!);
  rmSync(result);
  rmSync(theirs);
  assert.deepEqual([...store.findRoots().keys()], [b]);
});

test("what is not a link into a store is not replaced", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const path = store.addText({ name: "a", contents: "a", references: [] });
  const file = join(fixture.directory, "file");
  writeFileSync(file, "mine");
  mkdirSync(join(fixture.directory, "directory"));
  for (const name of ["file", "directory"]) {
    assert.throws(
      () => store.addIndirectRoot(join(fixture.directory, name), path),
      (error) => isCopseError(error, "store-root-occupied"),
    );
  }
  assert.throws(
    () => store.addRoot("../escape", path),
    (error) => isCopseError(error, "store-root-name"),
  );
});

test("temporary roots are seen by C++ Nix's garbage collector", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const [kept, lost] = await inOtherStore(fixture.prefix, (other) =>
    ["kept", "lost"].map((name) => other.addText({ name, contents: name, references: [] })),
  );
  store.addTempRoots([kept!]);
  fixture.nixStore("--gc");
  assert.equal(store.isValid(kept!), true);
  assert.equal(store.isValid(lost!), false);
});

test("an environment's root ends with its project", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const project = join(fixture.directory, "project");
  mkdirSync(project);
  const paths = await inOtherStore(fixture.prefix, (other) =>
    ["a", "b", "c"].map((name) => other.addText({ name, contents: name, references: [] })),
  );
  store.addRoot("environment", paths.slice(0, 2), { project });
  store.addRoot("environment", paths.slice(1, 3), { project });
  assert.deepEqual([...store.findRoots().keys()].sort(), paths.slice(1, 3).sort());
  await inOtherStore(fixture.prefix, (other) => other.collectGarbage({ action: "delete-dead" }));
  assert.equal(store.findRoots().size, 2);
  rmSync(project, { recursive: true });
  await inOtherStore(fixture.prefix, (other) => other.collectGarbage({ action: "delete-dead" }));
  assert.equal(store.findRoots().size, 0);
});
