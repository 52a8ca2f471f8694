import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { type Derivation, formatHash, parseStorePath, type StorePath, storePathHash } from "#format";
import { buildLogFile } from "./build-log-file.ts";
import { openStore } from "./open-store.ts";
import { storePlace } from "./place/store-place.ts";
import { noCppNix, type TestStore, testStore } from "./test-store.ts";

function makeTree(directory: string): string {
  const tree = join(directory, "tree");
  mkdirSync(join(tree, "bin"), { recursive: true });
  mkdirSync(join(tree, "empty"));
  writeFileSync(join(tree, "bin/run"), "#!/bin/sh\n");
  chmodSync(join(tree, "bin/run"), 0o4755);
  writeFileSync(Buffer.from(`${tree}/caf\xe9`, "latin1"), "x".repeat(3_000_001));
  writeFileSync(join(tree, "B"), "");
  writeFileSync(join(tree, "a"), "12345678");
  symlinkSync("../nowhere", join(tree, "link"));
  return tree;
}

const noVars = new Map<string, string>();

function drv(name: string, changes: Partial<Derivation> = {}): Derivation {
  return {
    name,
    outputs: new Map([["out", { path: "", hashAlgo: "", hash: "" }]]),
    inputDrvs: new Map(),
    inputSrcs: [],
    system: "x86_64-linux",
    builder: "/bin/sh",
    args: ["-c", "exit 1"],
    env: noVars,
    ...changes,
  };
}

function verify(fixture: TestStore): void {
  fixture.nixStore("--verify", "--check-contents");
}

test("adds trees, files and texts at the paths that C++ Nix gives them", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  await using other = testStore();
  const { store } = fixture;
  const source = makeTree(fixture.directory);
  const file = join(source, "bin/run");
  const tree = store.addTree({ name: "tree", source });
  assert.deepEqual(other.nixStore("--add", source), [tree]);
  assert.deepEqual(other.nixStore("--add", file), [store.addTree({ name: "run", source: file })]);
  const plain = join(source, "a");
  const flat = store.addTree({ name: "a", source: plain, method: "flat" });
  assert.deepEqual(other.nixStore("--add-fixed", "sha256", plain), [flat]);
  for (const path of [tree, flat]) {
    const [ours, theirs] = [store.queryInfo(path)!, other.store.queryInfo(path)!];
    assert.deepEqual({ ...ours, registrationTime: 0 }, { ...theirs, registrationTime: 0 });
  }
  verify(fixture);
  verify(other);
});

test("C++ Nix reads what was added: hashes, references, closures, dumps", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const leaf = store.addText({ name: "leaf.txt", contents: "leaf", references: [] });
  const middle = store.addText({ name: "middle", contents: leaf, references: [leaf] });
  const top = store.addText({ name: "top", contents: middle, references: [middle, leaf] });
  const source = store.addTree({ name: "tree", source: makeTree(fixture.directory) });
  store.flush();
  assert.deepEqual(fixture.nixStore("-qR", top).sort(), [leaf, middle, top].sort());
  assert.deepEqual(store.closure([top]), [leaf, middle, top]);
  assert.deepEqual(fixture.nixStore("-q", "--referrers", leaf).sort(), store.queryReferrers(leaf));
  assert.deepEqual(fixture.nixStore("-q", "--hash", source), [
    `sha256:${formatHash(store.queryInfo(source)!.narHash, "nix32")}`,
  ]);
  assert.deepEqual(fixture.nixStore("-q", "--size", source), [String(store.queryInfo(source)!.narSize)]);
  verify(fixture);
});

test("reads what C++ Nix has added, while it is open", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const source = makeTree(fixture.directory);
  const path = parseStorePath(fixture.nixStore("--add", source)[0]!);
  assert.equal(store.isValid(path), true);
  assert.equal(store.addTree({ name: "tree", source }), path);
  assert.equal(store.queryInfo(path)?.ca?.startsWith("fixed:r:sha256:"), true);
  assert.equal(readFileSync(store.realPath(`${path}/bin/run`), "utf8"), "#!/bin/sh\n");
});

test("opens a store that C++ Nix has made", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const prefix = join(fixture.directory, "theirs");
  const file = join(fixture.directory, "file");
  writeFileSync(file, "contents");
  fixture.nixStore("--store", prefix, "--add", file);
  await using theirs = openStore(storePlace(prefix));
  assert.equal(theirs.allPaths().length, 1);
  theirs.addText({ name: "text", contents: "text", references: theirs.allPaths() });
  theirs.flush();
  fixture.nixStore("--store", prefix, "--verify", "--check-contents");
});

test("derivations are pending until something needs them in the database", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const script = store.addText({ name: "script.sh", contents: "echo", references: [] });
  const out = parseStorePath("/nix/store/00000000000000000000000000000000-first");
  const first = drv("first", {
    inputSrcs: [script],
    outputs: new Map([["out", { path: out, hashAlgo: "", hash: "" }]]),
    env: new Map([["bytes", '\xff\n"']]),
  });
  const firstPath = store.addDerivation(first);
  const second = store.addDerivation(drv("second", { inputDrvs: new Map([[firstPath, ["out"]]]) }));
  assert.equal(store.isValid(second), true);
  assert.deepEqual(store.readDerivation(firstPath), first);
  assert.deepEqual(store.closure([second]), [script, firstPath, second]);
  assert.deepEqual(store.readDerivation(firstPath), first);
  assert.deepEqual([...store.queryOutputs(firstPath)], [["out", out]]);
  assert.deepEqual(store.queryDerivers(out), [firstPath]);
  assert.deepEqual(fixture.nixStore("-qR", second).sort(), [script, firstPath, second].sort());
  assert.deepEqual(fixture.nixStore("-q", "--outputs", firstPath), [out]);
  verify(fixture);
});

test("derivations instantiated by C++ Nix are read, with their outputs", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const expression = `derivation { name = "x"; system = "y"; builder = "z"; outputs = [ "out" "dev" ]; }`;
  const file = join(fixture.directory, "x.nix");
  writeFileSync(file, expression);
  const program = process.env["COPSE_CPP_NIX"]
    ? join(process.env["COPSE_CPP_NIX"], "nix-instantiate")
    : "nix-instantiate";
  const path = execFileSync(program, ["--store", fixture.prefix, file], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const drvPath = parseStorePath(path.toString().trim());
  const read = fixture.store.readDerivation(drvPath);
  assert.deepEqual([...read.outputs.keys()], ["dev", "out"]);
  assert.deepEqual(
    [...fixture.store.queryOutputs(drvPath)],
    [...read.outputs].map(([name, { path }]) => [name, path]),
  );
  assert.equal(fixture.store.addDerivation(read), drvPath);
});

test("a filter leaves out entries, and is asked for each by its whole path", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  await using other = testStore();
  const source = makeTree(fixture.directory);
  const asked: string[] = [];
  const filter = (path: string, kind: string) => {
    asked.push(`${path.slice(source.length)} ${kind}`);
    return !path.endsWith("/bin") && !path.includes("\xe9");
  };
  const path = fixture.store.addTree({ name: "tree", source, filter });
  assert.deepEqual(asked.slice(0, 6), [
    "/B regular",
    "/a regular",
    "/bin directory",
    "/caf\xe9 regular",
    "/empty directory",
    "/link symlink",
  ]);
  const unfiltered = makeTree(other.directory);
  rmSync(join(unfiltered, "bin"), { recursive: true });
  rmSync(Buffer.from(`${unfiltered}/caf\xe9`, "latin1"));
  assert.deepEqual(other.nixStore("--add", unfiltered), [path]);
});

test("an expected hash is checked, and spares reading where the path is valid", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const source = join(fixture.directory, "file");
  writeFileSync(source, "contents");
  const path = store.addTree({ name: "file", source });
  const expectedHash = store.queryInfo(path)!.narHash;
  assert.equal(store.addTree({ name: "file", source: "/nowhere", expectedHash }), path);
  writeFileSync(source, "others");
  assert.throws(
    () => store.addTree({ name: "other", source, expectedHash }),
    (error) => isCopseError(error, "hash-mismatch"),
  );
  assert.equal(store.allPaths().length, 1);
});

test("references must be valid, and may not go in a circle", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const missing = "/nix/store/00000000000000000000000000000000-missing" as StorePath;
  const leaf = store.addText({ name: "leaf", contents: "", references: [] });
  const info = store.queryInfo(leaf)!;
  const a = { ...info, path: parseStorePath(`/nix/store/${"1".repeat(32)}-a`) };
  const b = { ...info, path: parseStorePath(`/nix/store/${"2".repeat(32)}-b`), references: [a.path] };
  assert.throws(
    () => store.registerPaths([b, { ...a, references: [missing] }]),
    (error) => isCopseError(error, "store-reference-invalid"),
  );
  assert.throws(
    () => store.registerPaths([b, { ...a, references: [b.path] }]),
    (error) => isCopseError(error, "store-cycle"),
  );
  assert.deepEqual(store.allPaths(), [leaf]);
  store.registerPaths([b, { ...a, references: [a.path, leaf] }]);
  assert.deepEqual(store.closure([b.path]), [leaf, a.path, b.path]);
  assert.throws(
    () => store.deletePath(a.path),
    (error) => isCopseError(error, "store-path-in-use"),
  );
  store.deletePath(b.path);
  store.deletePath(a.path);
  assert.deepEqual(store.referrersClosure([leaf]), [leaf]);
});

test("leftovers at a path that is not valid are replaced", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  await using other = testStore();
  const { store } = fixture;
  const source = makeTree(fixture.directory);
  const tree = other.store.addTree({ name: "tree", source });
  const text = other.store.addText({ name: "text", contents: "x", references: [] });
  mkdirSync(`${store.realPath(tree)}/leftover`, { recursive: true });
  mkdirSync(`${store.realPath(text)}/leftover`, { recursive: true });
  store.addTree({ name: "tree", source });
  store.addText({ name: "text", contents: "x", references: [] });
  store.flush();
  verify(fixture);
});

test("finds a path by its digest alone", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const path = store.addText({ name: "x", contents: "x", references: [] });
  assert.equal(store.findByDigest(storePathHash(path)), path);
  assert.equal(store.findByDigest("0".repeat(32)), undefined);
  assert.equal(store.findByDigest("z".repeat(32)), undefined);
});

test("build logs are where C++ Nix looks for them", { skip: noCppNix }, async () => {
  await using fixture = testStore();
  const { store } = fixture;
  const path = store.addDerivation(drv("logged"));
  store.flush();
  const log = buildLogFile(store.place, path);
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, "it was built\n");
  assert.deepEqual(fixture.nixStore("--read-log", path), ["it was built"]);
});

test("long closures need no deep stack", async () => {
  await using fixture = testStore();
  const { store } = fixture;
  let last: StorePath[] = [];
  for (let i = 0; i < 5000; i++)
    last = [store.addText({ name: `n${i}`, contents: String(i), references: last })];
  assert.equal(store.closure(last).length, 5000);
});
