import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { openLock } from "../lock.ts";
import { openRequests } from "../requests.ts";
import { debianNames, resolveDebian } from "./resolve-debian.ts";
import { suiteKey } from "./source.ts";
import {
  FixtureArchive,
  type FixturePackage,
  makeKey,
  makeMachine,
  sha256,
} from "./testing/fixture-archive.ts";

const key = await makeKey("archive");
const source = { suite: "bookworm", system: "x86_64-linux" };
const first: readonly FixturePackage[] = [
  { name: "app", fields: { Depends: "lib (>= 1), python3-mod" } },
  { name: "tool", fields: { Depends: "lib" } },
  { name: "lib", version: "1.1" },
  { name: "python3-mod", architecture: "all", fields: { Depends: "python3:any" } },
  { name: "python3", fields: { "Multi-Arch": "allowed" } },
  { name: "script", fields: { Depends: "python3:any (>= 1)" } },
];
const pointRelease = first.map((one) => (one.name === "lib" ? { ...one, version: "1.2" } : one));

async function setUp(t: TestContext, packages = first) {
  const archive = new FixtureArchive();
  await archive.publish(packages, [key], { date: new Date(Date.now() - 3_600_000) });
  const uri = await archive.serve(t);
  const sources = `deb [signed-by=/keys/archive.gpg] ${uri} bookworm main\n`;
  const machine = makeMachine(t, { sources, keys: [key] });
  const lockPath = join(machine.root, "copse.lock");
  return { archive, sources, lockPath, ...machine };
}

const versions = (packages: readonly { name: string; version: string }[]) =>
  packages.map(({ name, version }) => `${name}=${version}`).sort();

test("an answer comes from the index once, then from the lock", async (t) => {
  const { services, lockPath, archive } = await setUp(t);
  const lock = openLock(lockPath);
  const answer = await resolveDebian({ ...source, packages: ["app"], lock, services });
  assert.equal(answer.from, "index");
  assert.deepEqual(versions(answer.packages), ["app=1.0", "lib=1.1", "python3-mod=1.0", "python3=1.0"]);
  assert.deepEqual(
    answer.packages
      .filter(({ python }) => python)
      .map(({ name }) => name)
      .sort(),
    ["app", "python3", "python3-mod"].filter((name) => name !== "app"),
  );
  assert.equal(answer.releases[0]?.version, "12.1");
  lock.save();
  const count = archive.requests.length;
  const again = await resolveDebian({
    ...source,
    packages: ["app", "app"],
    lock: openLock(lockPath, { frozen: true }),
    services,
  });
  assert.equal(again.from, "lock");
  assert.deepEqual(again.packages, answer.packages);
  assert.equal(archive.requests.length, count);
});

test("a file is fetched by its archive's name", async (t) => {
  const { services, lockPath, root } = await setUp(t);
  const { packages } = await resolveDebian({
    ...source,
    packages: ["lib"],
    lock: openLock(lockPath),
    services,
  });
  const [lib] = packages;
  assert.ok(lib);
  const target = join(root, "lib.deb");
  const result = await services.downloader.download({
    url: `apt:${lib.archive}/${lib.file}`,
    target,
    sizeBytes: lib.sizeBytes,
  });
  assert.equal(
    sha256(Buffer.from(`!<arch>\n${lib.file}\n`)),
    Buffer.from(result.hash.digest).toString("hex"),
  );
  for (const url of ["apt:debian/../etc/passwd", "apt:debian//x", "apt:debian/a?b", "apt:debian"])
    await assert.rejects(
      services.downloader.download({ url, target }),
      (error) => isCopseError(error, "archive-path") || isCopseError(error, "url-unsupported"),
      url,
    );
  await assert.rejects(services.downloader.download({ url: "apt:ubuntu/x", target }), (error) =>
    isCopseError(error, "apt-archive-unknown"),
  );
});

test("a frozen lock is not added to", async (t) => {
  const { services, lockPath } = await setUp(t);
  const lock = openLock(lockPath, { frozen: true });
  await assert.rejects(resolveDebian({ ...source, packages: ["app"], lock, services }), (error) =>
    isCopseError(error, "lock-missing"),
  );
});

test("a further request is answered from the same indexes", async (t) => {
  const { services, lockPath, archive } = await setUp(t);
  const lock = openLock(lockPath);
  await resolveDebian({ ...source, packages: ["app"], lock, services });
  await archive.publish(pointRelease, [key], { date: new Date(Date.now() - 60_000) });
  const answer = await resolveDebian({ ...source, packages: ["tool"], lock, services });
  assert.deepEqual(versions(answer.packages), ["lib=1.1", "tool=1.0"]);
});

test("where these are gone, all requests move on together", async (t) => {
  const { services, lockPath, archive, sources } = await setUp(t);
  const lock = openLock(lockPath);
  await resolveDebian({ ...source, packages: ["app"], lock, services });
  lock.save();
  await archive.publish(pointRelease, [key], { date: new Date(Date.now() - 60_000) });
  // A colleague's machine, whose cache has never seen the first indexes.
  const other = makeMachine(t, { sources, keys: [key] });
  const theirs = openLock(lockPath);
  const tool = await resolveDebian({ ...source, packages: ["tool"], lock: theirs, services: other.services });
  assert.deepEqual(versions(tool.packages), ["lib=1.2", "tool=1.0"]);
  const app = await resolveDebian({ ...source, packages: ["app"], lock: theirs, services: other.services });
  assert.equal(app.from, "lock");
  assert.deepEqual(versions(app.packages), ["app=1.0", "lib=1.2", "python3-mod=1.0", "python3=1.0"]);
  assert.match(other.notices.join("\n"), /1 locked packages change/);
});

test("locked versions stay while the archive still has them", async (t) => {
  const { services, lockPath, archive, sources } = await setUp(t);
  const lock = openLock(lockPath);
  await resolveDebian({ ...source, packages: ["app"], lock, services });
  lock.save();
  await archive.publish(
    [...first, { name: "lib", version: "1.2" }, { name: "new", fields: { Depends: "lib" } }],
    [key],
    { date: new Date(Date.now() - 60_000) },
  );
  const other = makeMachine(t, { sources, keys: [key] });
  const theirs = openLock(lockPath);
  const added = await resolveDebian({ ...source, packages: ["new"], lock: theirs, services: other.services });
  assert.deepEqual(versions(added.packages), ["lib=1.1", "new=1.0"]);
  assert.deepEqual(other.notices, []);
  const updated = await resolveDebian({
    ...source,
    packages: ["new"],
    lock: theirs,
    services: other.services,
    update: true,
  });
  assert.deepEqual(versions(updated.packages), ["lib=1.2", "new=1.0"]);
  const app = await resolveDebian({ ...source, packages: ["app"], lock: theirs, services: other.services });
  assert.ok(versions(app.packages).includes("lib=1.2"));
});

test("security updates come in when asked for", async (t) => {
  const { archive, lockPath, root } = await setUp(t);
  const security = new FixtureArchive();
  await security.publish([{ name: "lib", version: "1.1+deb12u1" }], [key], {
    codename: "bookworm-security",
    suite: "stable-security",
    label: "Debian-Security",
  });
  const [main, fixes] = [await archive.serve(t), await security.serve(t)];
  const sources = `deb [signed-by=/keys/archive.gpg] ${main} bookworm main\ndeb [signed-by=/keys/archive.gpg] ${fixes} bookworm-security main\n`;
  const { services } = makeMachine(t, { sources, keys: [key] });
  const lock = openLock(lockPath);
  const plain = await resolveDebian({ ...source, packages: ["lib"], lock, services });
  const secure = await resolveDebian({ ...source, pockets: ["security"], packages: ["lib"], lock, services });
  assert.deepEqual(
    [...versions(plain.packages), ...versions(secure.packages)],
    ["lib=1.1", "lib=1.1+deb12u1"],
  );
  assert.deepEqual(
    secure.packages.map((one) => one.archive),
    ["debian-security"],
  );
  assert.equal(secure.suite, "bookworm+security");
  await services.downloader.download({
    url: `apt:debian-security/${secure.packages[0]?.file}`,
    target: join(root, "lib.deb"),
  });
});

test("keys of sources in the lock", () => {
  assert.equal(suiteKey({ suite: "bookworm" }), "bookworm");
  assert.equal(
    suiteKey({ suite: "bookworm", pockets: ["updates", "security"], components: ["main"] }),
    "bookworm+security+updates",
  );
  assert.equal(suiteKey({ suite: "sid", components: ["non-free", "main"] }), "sid:main,non-free");
  for (const suite of ["../x", "a/b", "", "A b"])
    assert.throws(
      () => suiteKey({ suite }),
      (error) => isCopseError(error, "suite-invalid"),
      suite,
    );
});

test("names are those of the index, or of a frozen lock", async (t) => {
  const { services, lockPath } = await setUp(t);
  const lock = openLock(lockPath);
  assert.deepEqual(await debianNames({ ...source, lock, services }), [
    "app",
    "lib",
    "python3",
    "python3-mod",
    "script",
    "tool",
  ]);
  await resolveDebian({ ...source, packages: ["tool"], lock, services });
  lock.save();
  assert.deepEqual(await debianNames({ ...source, lock: openLock(lockPath, { frozen: true }), services }), [
    "lib",
    "tool",
  ]);
});

test("an index in xz serves where there is no other", {
  skip: spawnSync("xz", ["--version"]).status !== 0 && "xz is not installed",
}, async (t) => {
  const { services, lockPath, archive } = await setUp(t);
  const path = "dists/bookworm/main/binary-amd64/Packages";
  await archive.publish(first, [key], {
    compress: (text) => [{ suffix: ".xz", contents: spawnSync("xz", ["-c"], { input: text }).stdout }],
  });
  assert.ok(archive.files.has(`${path}.xz`));
  const answer = await resolveDebian({ ...source, packages: ["tool"], lock: openLock(lockPath), services });
  assert.deepEqual(versions(answer.packages), ["lib=1.1", "tool=1.0"]);
  assert.ok(archive.requests.includes(`${path}.xz`));
});

test("synchronous callers get the same, through the bridge", async (t) => {
  const { root, lockPath } = await setUp(t);
  // The server runs in this thread, which the bridge puts to sleep: so a directory serves.
  const archive = new FixtureArchive();
  await archive.publish(first, [key]);
  const base = archive.write(join(root, "mirror dir"));
  const { root: machine } = makeMachine(t, {
    sources: `deb [signed-by=/keys/archive.gpg] "file:${base}" bookworm main\n`,
    keys: [key],
  });
  const service = { progress: "none", aptRoot: machine, cacheDir: join(machine, "cache"), env: {} } as const;
  const requests = openRequests({ lockPath, service });
  t.after(() => requests.close());
  const answer = requests.debian.resolve({ ...source, packages: ["tool"] });
  assert.deepEqual([answer.from, ...versions(answer.packages)], ["index", "lib=1.1", "tool=1.0"]);
  assert.equal(requests.debian.resolve({ ...source, packages: ["tool"] }).from, "lock");
  assert.throws(
    () => requests.debian.resolve({ ...source, packages: ["tol"] }),
    (error) => isCopseError(error, "debian-package-unknown") && error.hint?.includes("tool") === true,
  );
  assert.equal(requests.debian.names(source).length, 6);
  // Already on disk, for whoever comes next.
  assert.notEqual(
    openLock(lockPath).answer({ suite: "bookworm", architecture: "amd64", names: ["tool"] }),
    undefined,
  );
});
