import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CopseError, isCopseError } from "#base";
import { CpythonArchive, cpythonFile, Downloader } from "#fetch";
import { type Loopback, serveLoopback } from "#fetch/testing";
import { openLock } from "../lock.ts";
import { parseLock } from "../lock-reader.ts";
import { formatLock } from "../lock-writer.ts";
import { mergeLocks } from "../merge-locks.ts";
import type { CpythonQuestion } from "./lock.ts";
import { resolveCpython } from "./resolve-cpython.ts";

const system = "x86_64-linux";
const sourceOf = (release: string) => Buffer.from(`sources of ${release}`);

interface World {
  readonly server: Loopback;
  readonly lockPath: string;
  readonly notices: readonly string[];
  /** Puts a release into the archive; `isFinal` says whether it is more than candidates. */
  publish(release: string, isFinal?: boolean): void;
  resolve(
    question: Partial<CpythonQuestion> & { readonly version: string; readonly update?: boolean },
  ): Promise<string>;
}

async function open(t: TestContext): Promise<World> {
  const releases = new Map<string, boolean>();
  const server = await serveLoopback((request, response) => {
    const path = (request.url ?? "").slice("/python/".length);
    if (path === "") {
      response.end([...releases.keys()].map((name) => `<a href="${name}/">${name}/</a>`).join("\n"));
      return;
    }
    const release = [...releases].find(([name, isFinal]) => isFinal && path === cpythonFile(name))?.[0];
    response.statusCode = release === undefined ? 404 : 200;
    response.end(release === undefined ? "" : sourceOf(release));
  });
  const folder = mkdtempSync(join(tmpdir(), "copse-cpython-"));
  const downloader = new Downloader({ retries: 0 });
  t.after(async () => {
    downloader.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const uris = [`${server.url}/python`];
  const archives = new Map([["python", { uris, signedBy: [], isTrusted: false, place: "a test" }]]);
  const archive = new CpythonArchive({
    sources: { archives, snapshots: new Map(), mirrors: [], files: ["/config.toml"] },
    cacheDir: join(folder, "cache"),
    env: {},
  });
  const lockPath = join(folder, "copse.lock");
  const notices: string[] = [];
  return {
    server,
    lockPath,
    notices,
    publish: (release, isFinal = true) => releases.set(release, isFinal),
    async resolve(question) {
      const lock = openLock(lockPath);
      const services = { archive, downloader, progress() {}, notice: (text: string) => notices.push(text) };
      const { release } = await resolveCpython({ system, ...question, lock, services });
      lock.save();
      return release;
    },
  };
}

test("the newest release of a series is locked with its hash, and stays until it is updated", async (t) => {
  const world = await open(t);
  for (const release of ["3.12.9", "3.12.10", "3.1.99", "3.120.1", "3.13.0"]) world.publish(release);
  assert.equal(await world.resolve({ version: "3.12" }), "3.12.10");
  const { cpython } = JSON.parse(readFileSync(world.lockPath, "utf8"));
  assert.deepEqual(cpython, {
    "3.12 x86_64-linux": {
      release: "3.12.10",
      file: "3.12.10/Python-3.12.10.tar.xz",
      size: sourceOf("3.12.10").length,
      sha256: createHash("sha256").update(sourceOf("3.12.10")).digest("hex"),
    },
  });
  world.publish("3.12.11");
  const asked = world.server.requests.length;
  assert.equal(await world.resolve({ version: "3.12" }), "3.12.10");
  assert.equal(await world.resolve({ version: "3.12", system: "aarch64-linux" }), "3.12.10");
  assert.equal(world.server.requests.length, asked);
  assert.equal(world.notices.length, 1);
  assert.match(world.notices[0] ?? "", /^Python 3\.12\.10 will be built .* 3\.11 \(bookworm\)/);
  assert.equal(await world.resolve({ version: "3.12", update: true }), "3.12.11");
  assert.equal(world.notices.length, 2);
});

test("a series whose last release has candidates only is taken one release earlier", async (t) => {
  const world = await open(t);
  world.publish("3.12.8");
  world.publish("3.12.9", false);
  assert.equal(await world.resolve({ version: "3.12" }), "3.12.8");
});

test("a release is taken as it is named, without a listing", async (t) => {
  const world = await open(t);
  for (const release of ["3.12.8", "3.12.4"]) world.publish(release);
  assert.equal(await world.resolve({ version: "3.12.4" }), "3.12.4");
  assert.deepEqual(
    world.server.requests.map(({ path }) => path),
    ["/python/3.12.4/Python-3.12.4.tar.xz"],
  );
});

test("what the archive does not have is told, with the newest of the series", async (t) => {
  const world = await open(t);
  world.publish("3.12.8");
  await assert.rejects(world.resolve({ version: "3.12.9" }), (error) => {
    return (
      error instanceof CopseError &&
      error.code === "python-release-unknown" &&
      error.hint === "of 3.12 the newest is 3.12.8"
    );
  });
  await assert.rejects(world.resolve({ version: "3.10" }), (error) =>
    isCopseError(error, "python-release-unknown"),
  );
});

test("an archive out of reach is an error that says what is at hand, and how a mirror is named", async (t) => {
  const world = await open(t);
  await world.server.close();
  for (const version of ["3.12", "3.12.4"])
    await assert.rejects(world.resolve({ version }), (error) => {
      assert.ok(error instanceof CopseError && error.code === "python-unreachable", String(error));
      assert.match(
        error.hint ?? "",
        /^without building there are 3\.9 \(bullseye\), 3\.11 \(bookworm\), .*\/config\.toml: python = /,
      );
      assert.match(error.hint ?? "", /Connection failed \(refused\)/);
      return true;
    });
});

const good = formatLock({
  debian: new Map(),
  python: new Map(),
  cpython: new Map([
    [
      "3.12 x86_64-linux",
      { release: "3.12.8", file: cpythonFile("3.12.8"), size: 7, sha256: "ab".repeat(32) },
    ],
  ]),
});

test("the section is read as it was written", () => {
  assert.equal(formatLock(parseLock("copse.lock", good)), good);
});

for (const [what, from, to] of [
  ["a release of another series", '"release":"3.12.8"', '"release":"3.11.8"'],
  ["a release that is none", '"release":"3.12.8"', '"release":"3.12.8/../x"'],
  ["another file", '"3.12.8/Python-3.12.8.tar.xz"', '"../../Python-3.12.8.tar.xz"'],
  ["a short hash", "abab", "ab"],
  ["a size below nothing", '"size":7', '"size":-7'],
  ["a field of a newer copse", '"size":7', '"size":7,"new":1'],
  ["a key that is none", '"3.12 x86_64-linux"', '"3.12"'],
] as const)
  test(`a lock with ${what} is refused where it is`, () => {
    const text = good.replace(from, to);
    assert.notEqual(text, good);
    assert.throws(
      () => parseLock("copse.lock", text),
      (error) => error instanceof CopseError && error.code === "lock-invalid" && error.span !== undefined,
    );
  });

test("of two locks that are merged, ours counts for what both answer", () => {
  const ours = parseLock("ours", good);
  const theirs = parseLock("theirs", good.replaceAll("3.12.8", "3.12.7"));
  const more = parseLock("more", good.replaceAll("3.12", "3.10"));
  const merged = mergeLocks(mergeLocks(ours, theirs), more);
  assert.deepEqual([...(merged.cpython ?? [])].map(([key, { release }]) => `${key}: ${release}`).sort(), [
    "3.10 x86_64-linux: 3.10.8",
    "3.12 x86_64-linux: 3.12.8",
  ]);
});

test("what is no longer asked for is dropped", async (t) => {
  const world = await open(t);
  for (const release of ["3.12.8", "3.10.2"]) world.publish(release);
  await world.resolve({ version: "3.12" });
  await world.resolve({ version: "3.10" });
  const lock = openLock(world.lockPath);
  lock.cpython.answer({ version: "3.10", system });
  lock.prune("aarch64-linux");
  assert.equal(lock.cpython.data.size, 2);
  lock.prune(system);
  assert.deepEqual([...lock.cpython.data.keys()], ["3.10 x86_64-linux"]);
});
