import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { openLock } from "../lock.ts";
import { openCurrent } from "./index/suite-indexes.ts";
import { resolveDebian } from "./resolve-debian.ts";
import { resolveDebianSource } from "./resolve-source.ts";
import { FixtureArchive, makeKey, makeMachine, sha256 } from "./testing/fixture-archive.ts";

const key = await makeKey("sources");
const base = { suite: "bookworm", system: "x86_64-linux" };

function stanza(name: string, version: string, more: readonly string[] = []): string {
  const [upstream = ""] = version.split("-");
  const files = [
    `${name}_${upstream}.orig.tar.gz`,
    `${name}_${version}.debian.tar.xz`,
    `${name}_${version}.dsc`,
  ];
  return [
    `Package: ${name}`,
    `Version: ${version}`,
    "Format: 3.0 (quilt)",
    ...more,
    "Checksums-Sha256:",
    ...files.map((file) => ` ${sha256(Buffer.from(file))} ${file.length} ${file}`),
    `Directory: pool/main/${name[0]}/${name}`,
    "Build-Depends: debhelper,",
    " Package: of no account",
    "",
  ].join("\n");
}

async function setUp(t: TestContext, text: string) {
  const archive = new FixtureArchive();
  await archive.publish([{ name: "tool" }], [key], {
    files: new Map([["main/source/Sources", Buffer.from(text)]]),
  });
  const sources = `deb [signed-by=/keys/archive.gpg] ${await archive.serve(t)} bookworm main\n`;
  const machine = makeMachine(t, { sources, keys: [key] });
  const lockPath = join(machine.root, "copse.lock");
  return { archive, lockPath, lock: openLock(lockPath), ...machine };
}

const text = [
  stanza("hello", "2.10-3"),
  stanza("hello", "2.9-1", ["Extra-Source-Only: yes"]),
  stanza("hello-extra", "1.0-1"),
  stanza("two", "1.0-1"),
  stanza("two", "1.10-1"),
].join("\n");

test("a source package's files, its .dsc first, then from the lock alone", async (t) => {
  const { services, lock, lockPath, archive } = await setUp(t, text);
  const found = await resolveDebianSource({ ...base, name: "hello", lock, services });
  assert.deepEqual(
    found.files.map(({ name }) => name),
    ["hello_2.10-3.dsc", "hello_2.10.orig.tar.gz", "hello_2.10-3.debian.tar.xz"],
  );
  assert.equal(found.format, "3.0 (quilt)");
  assert.match(
    found.files[0]?.urls[0] ?? "",
    /^apt:debian@\d{8}T\d{6}Z\/pool\/main\/h\/hello\/hello_2\.10-3\.dsc$/,
  );
  assert.equal(found.files[0]?.sha256, sha256(Buffer.from("hello_2.10-3.dsc")));
  lock.save();
  archive.files.clear();
  const { openRequests } = await import("../requests.ts");
  const requests = openRequests({ lockPath, frozen: true });
  t.after(() => requests.close());
  assert.deepEqual(requests.debian.source({ ...base, name: "hello" }), found);
  assert.throws(
    () => requests.debian.source({ ...base, name: "two" }),
    (error) => isCopseError(error, "lock-missing"),
  );
});

test("the highest version, or the one that is asked for", async (t) => {
  const { services, lock } = await setUp(t, text);
  const ask = (version?: string) => resolveDebianSource({ ...base, name: "two", version, lock, services });
  assert.equal((await ask()).version, "1.10-1");
  assert.equal((await ask("1.0-1")).version, "1.0-1");
  await assert.rejects(
    ask("3"),
    (error) => isCopseError(error, "debian-source-unknown") && /1\.10-1/.test(error.hint ?? ""),
  );
  await assert.rejects(
    resolveDebianSource({ ...base, name: "helo", lock, services }),
    (error) => isCopseError(error, "debian-source-unknown") && /hello/.test(error.hint ?? ""),
  );
});

test("packages and source packages share a section", async (t) => {
  const { services, lock, lockPath } = await setUp(t, text);
  await resolveDebianSource({ ...base, name: "hello", lock, services });
  await resolveDebian({ ...base, packages: ["tool"], lock, services });
  await resolveDebianSource({ ...base, name: "two", lock, services });
  lock.save();
  const [section, ...others] = openLock(lockPath).suites();
  assert.equal(others.length, 0);
  assert.deepEqual(
    section?.locked.sources?.map(({ name }) => name),
    ["hello", "two"],
  );
  assert.equal(section?.locked.packages.length, 1);
  // What nothing asks for any more is dropped, packages and source packages alike.
  const again = openLock(lockPath);
  again.source({ suite: "bookworm", architecture: "amd64" }, "two");
  again.prune();
  assert.deepEqual(
    again.suites()[0]?.locked.sources?.map(({ name }) => name),
    ["two"],
  );
  assert.equal(again.suites()[0]?.locked.packages.length, 0);
});

test("an index whose entries leave the archive, or are not whole, is refused", async (t) => {
  const good = stanza("hello", "2.10-3");
  for (const [broken, code] of [
    [good.replace("Directory: pool/main/h/hello", "Directory: ../../etc"), "archive-path"],
    [good.replace(" hello_2.10-3.dsc", " ../hello_2.10-3.dsc"), "index-invalid"],
    [good.replace(/\.dsc$/m, ".tar"), "index-invalid"],
    [good.replace("Version: 2.10-3\n", ""), "index-invalid"],
  ] as const) {
    assert.notEqual(broken, good);
    const { services, lock } = await setUp(t, broken);
    await assert.rejects(
      resolveDebianSource({ ...base, name: "hello", lock, services }),
      (error) => isCopseError(error, code),
      broken,
    );
  }
});

test("a suite without an index of sources says so", async (t) => {
  const archive = new FixtureArchive();
  await archive.publish([{ name: "tool" }], [key]);
  const sources = `deb [signed-by=/keys/archive.gpg] ${await archive.serve(t)} bookworm main\n`;
  const { services, root } = makeMachine(t, { sources, keys: [key] });
  const lock = openLock(join(root, "copse.lock"));
  await openCurrent(services, base, {});
  await assert.rejects(resolveDebianSource({ ...base, name: "tool", lock, services }), (error) =>
    isCopseError(error, "release-invalid"),
  );
});
