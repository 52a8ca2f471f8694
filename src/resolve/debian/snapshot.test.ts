import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { GitRepositories } from "#fetch/git";
import { keepLocked } from "../keep-locked.ts";
import { openLock } from "../lock.ts";
import { debianNames, resolveDebian } from "./resolve-debian.ts";
import type { DebianSource } from "./source.ts";
import { FixtureArchive, makeKey, makeMachine, sha256 } from "./testing/fixture-archive.ts";

const dayMs = 86_400_000;
/** The key of old expired long ago, as those of old Releases have. */
const oldKey = await makeKey("old", {
  date: new Date("2020-01-01T00:00:00Z"),
  expiresInSeconds: (4 * 365 * dayMs) / 1000,
});
const key = await makeKey("now");
const march: DebianSource = {
  ...{ suite: "bookworm", system: "x86_64-linux", snapshot: "20230301T000000Z" },
};

/** A mirror that has today's files, and a dated archive that has those of March 2023. */
async function setUp(t: TestContext) {
  const today = new FixtureArchive();
  await today.publish([{ name: "lib", version: "2.0" }], [key]);
  const dated = new FixtureArchive();
  await dated.publish(
    [
      { name: "lib", version: "1.0" },
      { name: "app", fields: { Depends: "lib" } },
    ],
    [oldKey],
    {
      date: new Date("2023-02-27T08:00:00Z"),
      validUntil: new Date("2023-03-06T08:00:00Z"),
      signedAt: new Date("2023-02-27T08:00:10Z"),
    },
  );
  const mirror = await today.serve(t);
  const base = await dated.serve(t);
  // The server answers for the days from the Release on, as those of this kind do.
  const asked: string[] = [];
  dated.answer = (path, response) => {
    const [, day = "", rest = ""] = /^(?:\/?debian\/)?(\d{8}T\d{6}Z)\/(.*)$/.exec(path) ?? [];
    asked.push(day);
    const contents = day >= "20230227T080000Z" ? dated.files.get(rest) : undefined;
    if (contents) response.writeHead(200, { "content-length": contents.length }).end(contents);
    else response.writeHead(404).end();
    return true;
  };
  const machine = (sources: string, config: string) =>
    makeMachine(t, {
      sources,
      keys: [key, oldKey],
      files: { "config.toml": config },
      options: { env: { COPSE_CONFIG: "/config.toml" } },
      conf: 'Dir::Etc::trusted "/keys/archive.gpg";',
    });
  const snapshots = `[sources.snapshots]\ndebian = "${base}/@SNAPSHOTID@"\n`;
  const sources = `deb [signed-by=/keys/archive.gpg] ${mirror} bookworm main\n`;
  return { today, dated, base, asked, machine, sources, snapshots };
}

test("a dated source: the Release of that day, though its validity and its key have ended", async (t) => {
  const { machine, sources, snapshots } = await setUp(t);
  const { services, root } = machine(sources, snapshots);
  const lock = openLock(join(root, "copse.lock"));
  const { packages, releases } = await resolveDebian({ ...march, packages: ["app"], lock, services });
  assert.deepEqual(
    packages.map(({ name, version }) => `${name}=${version}`),
    ["lib=1.0", "app=1.0"],
  );
  assert.equal(releases[0]?.date, "2023-02-27T08:00:00Z");
  assert.equal(packages[0]?.urls[0], `apt:debian@20230227T080000Z/${packages[0]?.file}`);
  // The mirror has dropped it; the dated archive has not.
  const target = join(root, "lib.deb");
  await services.downloader.download({ url: packages[0]?.urls[0] ?? "", target });
  assert.equal(sha256(readFileSync(target)), packages[0]?.sha256);
  const plain = await debianNames({ ...march, snapshot: undefined, lock, services });
  assert.deepEqual(plain, ["lib"]);
});

test("apt's own words for dated archives serve too", async (t) => {
  const { base, machine, sources } = await setUp(t);
  const { services, root } = machine(sources, "");
  const { conf } = services.archives.apt;
  conf.set("Acquire::Snapshots::URI::Override::Label::Debian", `${base}/@SNAPSHOTID@/`);
  const names = await debianNames({ ...march, lock: openLock(join(root, "copse.lock")), services });
  assert.deepEqual(names, ["app", "lib"]);
});

test("without a dated archive, or with a Release of after the day, there is an error", async (t) => {
  const { machine, sources, snapshots, dated } = await setUp(t);
  const names = ({ services, root }: ReturnType<typeof machine>, snapshot = march.snapshot) =>
    debianNames({ ...march, snapshot, lock: openLock(join(root, "copse.lock")), services });
  await assert.rejects(
    names(machine(sources, "")),
    (error) =>
      isCopseError(error, "snapshot-unconfigured") &&
      /config\.toml, below \[sources\.snapshots\]/.test(error.hint ?? ""),
  );
  const ready = machine(sources, snapshots);
  await assert.rejects(names(ready, "2023-03-01"), (error) => isCopseError(error, "snapshot-invalid"));
  await assert.rejects(names(ready, "20231301T000000Z"), (error) => isCopseError(error, "snapshot-invalid"));
  await assert.rejects(names(ready, "20200101T000000Z"), (error) => isCopseError(error, "download-status"));
  await dated.publish([{ name: "late" }], [oldKey], {
    date: new Date("2023-03-02T00:00:00Z"),
    signedAt: new Date("2023-03-02T00:00:00Z"),
  });
  await assert.rejects(names(ready), (error) => isCopseError(error, "release-wrong"));
});

test("what a lock names, once mirrors have dropped it, comes from the day of its Release", async (t) => {
  const { today, dated, machine, sources, snapshots } = await setUp(t);
  const first = new Date("2023-02-27T08:00:00Z");
  await today.publish([{ name: "lib", version: "1.0" }], [key], { date: first });
  const { services, root } = machine(sources, snapshots);
  const lock = openLock(join(root, "copse.lock"));
  const { packages } = await resolveDebian({
    ...{ ...march, snapshot: undefined },
    ...{ packages: ["lib"], lock, services },
  });
  today.files.delete(packages[0]?.file ?? "");
  assert.ok(dated.files.has(packages[0]?.file ?? ""));
  const target = join(root, "lib.deb");
  await services.downloader.download({ url: packages[0]?.urls[0] ?? "", target });
  assert.equal(sha256(readFileSync(target)), packages[0]?.sha256);
  // Who has no dated archive is told what is missing.
  const without = machine(sources, "");
  await assert.rejects(
    without.services.downloader.download({ url: packages[0]?.urls[0] ?? "", target: join(root, "x") }),
    (error) => isCopseError(error, "download-status"),
  );
  assert.ok(!existsSync(join(root, "x")));
});

test("a folder of all locked files is a mirror, and is only added to", async (t) => {
  const { machine, sources, snapshots } = await setUp(t);
  const { services, root } = machine(sources, snapshots);
  const lock = openLock(join(root, "copse.lock"));
  const { packages } = await resolveDebian({ ...march, packages: ["app"], lock, services });
  await resolveDebian({ ...march, snapshot: undefined, packages: ["lib"], lock, services });
  const folder = join(root, "kept");
  const git = new GitRepositories({ cacheDir: root, env: {} });
  const { signal } = new AbortController();
  const keep = (of = services) =>
    keepLocked({ lock, folder, services: of, repositories: new Map(), git, signal });
  const report = await keep();
  assert.deepEqual([report.files, report.downloaded], [3, 3]);
  // Nobody is asked for what is there.
  const alone = machine("", "");
  assert.equal((await keep(alone.services)).downloaded, 0);
  const file = join(folder, "debian", packages[0]?.file ?? "");
  const contents = readFileSync(file);
  writeFileSync(file, Buffer.alloc(statSync(file).size));
  assert.equal((await keep()).downloaded, 1);
  assert.deepEqual(readFileSync(file), contents);
  rmSync(file);
  await assert.rejects(keep(alone.services), (error) => isCopseError(error, "apt-archive-unknown"));
  assert.ok(!existsSync(file));
  assert.equal((await keep()).downloaded, 1);
  // As a folder, and behind a file server.
  const server = new FixtureArchive();
  server.files.set(`debian/${packages[0]?.file}`, contents);
  for (const mirror of [`file://${folder}`, await server.serve(t)]) {
    const offline = machine("", `[sources]\nmirrors = "${mirror}"\n`);
    const target = join(root, "from-mirror");
    const url = packages[0]?.urls[0] ?? "";
    server.answer = (path, response) => {
      const found = server.files.get(path.replace(/^\//, ""));
      if (found) response.end(found);
      else response.writeHead(404).end();
      return true;
    };
    await offline.services.downloader.download({ url, target });
    assert.equal(sha256(readFileSync(target)), packages[0]?.sha256, mirror);
    rmSync(target);
  }
});
