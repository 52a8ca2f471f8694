import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { normaliseName } from "#format/python";
import { MemoryClock } from "#host";
import {
  type FixtureFile,
  type FixtureIndex,
  type FixtureOptions,
  serveFixtureIndex,
} from "../testing/fixture-index.ts";
import { makeSdist, makeWheel } from "../testing/packages.ts";
import { type OpenPythonIndexOptions, openPythonIndex, type PythonIndex } from "./python-index.ts";

const name = normaliseName;
const old = makeWheel({ name: "Foo.Bar", version: "1.0", requires: ["baz<2"], requiresPython: ">=3.6" });
const recent = makeWheel({
  name: "foo-bar",
  version: "2.0",
  requires: ["baz>=2 ; extra == 'all'"],
  extras: ["all"],
});
const files: readonly FixtureFile[] = [
  { ...old, requiresPython: ">=3.6,<4", uploadTime: "2024-01-01T00:00:00.123456Z" },
  { ...recent, yanked: 'wrong "quotes" & <signs>\tand tabs' },
];

interface World {
  readonly directory: string;
  serve(projects: Record<string, readonly FixtureFile[]>, options?: FixtureOptions): Promise<FixtureIndex>;
  open(options: Partial<OpenPythonIndexOptions> & { readonly pip?: Record<string, string> }): PythonIndex;
}

/** A machine whose pip is configured by `pip` alone, with a cache that lasts as long as the test. */
function world(t: TestContext): World {
  const directory = mkdtempSync(join(tmpdir(), "copse-index-"));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, "root"));
  return {
    directory,
    serve: async (projects, options) => {
      const fixture = await serveFixtureIndex(projects, options);
      t.after(() => fixture.close());
      return fixture;
    },
    open: ({ pip = {}, ...options }) => {
      const env = Object.fromEntries(Object.entries(pip).map(([key, value]) => [`PIP_${key}`, value]));
      const index = openPythonIndex({
        env: { HOME: directory, ...env },
        root: join(directory, "root"),
        cacheDir: join(directory, "cache"),
        directory,
        backoffMs: 1,
        sdists: { metadataOf: () => Promise.reject(new Error("nothing is built here")) },
        ...options,
      });
      t.after(() => index.close());
      return index;
    },
  };
}

for (const format of ["json", "html"] as const)
  test(`files and metadata of a project, from ${format}`, async (t) => {
    const { serve, open } = world(t);
    const fixture = await serve({ "foo-bar": files }, { format, metadata: true, etags: true });
    const index = open({ pip: { INDEX_URL: fixture.url } });
    const listed = await index.files(name("foo-bar"));
    assert.deepEqual(
      listed?.map((file) => file.file),
      [old.file, recent.file],
    );
    const [first, second] = listed ?? [];
    assert.ok(first && second);
    assert.equal(first.requiresPython, ">=3.6,<4");
    assert.match(second.yanked as string, /^wrong "quotes" & <signs>\tand tabs$/);
    assert.match(first.sha256 ?? "", /^[0-9a-f]{64}$/);
    if (format === "json") {
      assert.equal(first.size, old.bytes.length);
      assert.equal(first.uploadTime, "2024-01-01T00:00:00.123456Z");
    }
    const metadata = await index.metadata(first);
    assert.equal(metadata.name, "foo-bar");
    assert.equal(metadata.requiresDist.length, 1);
    assert.equal(metadata.requiresDist[0]?.name, "baz");
    assert.deepEqual(fixture.takeRequests(), ["/simple/foo-bar/", `/files/foo-bar/${old.file}.metadata`]);
    // The same again, out of memory, and then by another process out of the cache.
    assert.equal(await index.files(name("foo-bar")), listed);
    assert.deepEqual(fixture.takeRequests(), []);
    const again = open({ pip: { INDEX_URL: fixture.url } });
    assert.deepEqual(await again.files(name("foo-bar")), listed);
    assert.equal((await again.metadata(first)).requiresDist.length, 1);
    assert.deepEqual(fixture.takeRequests(), ["/simple/foo-bar/"]);
    assert.equal(await again.files(name("missing")), undefined);
  });

test("metadata out of a wheel by two requests at most, or out of a whole one", async (t) => {
  const { serve, open } = world(t);
  const noise = Buffer.from(Array.from({ length: 60_000 }, (_, at) => (at * 2654435761) >>> 24));
  const large = makeWheel({ name: "large", version: "1", requires: ["x"], files: { "large/data": noise } });
  const late = makeWheel({
    name: "late",
    version: "1",
    requires: ["y"],
    files: Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`late/${String(at).padStart(60, "0")}`, "1"]),
    ),
  });
  const fixture = await serve({ large: [large], late: [late] });
  const index = open({ pip: { INDEX_URL: fixture.url } });
  for (const [project, count] of [
    ["large", 1],
    ["late", 2],
  ] as const) {
    const [file] = (await index.files(name(project))) ?? [];
    assert.ok(file);
    fixture.takeRequests();
    assert.equal((await index.metadata(file)).requiresDist.length, 1);
    const requests = fixture.takeRequests();
    assert.ok(requests.length <= count, requests.join("\n"));
    assert.ok(requests.every((request) => request.includes("bytes=")));
  }
  fixture.options = { ranges: false };
  const without = open({ pip: { INDEX_URL: fixture.url }, cacheDir: join(world(t).directory, "other") });
  const [file] = (await without.files(name("large"))) ?? [];
  assert.ok(file);
  assert.equal((await without.metadata(file)).requiresDist[0]?.name, "x");
});

test("an sdist tells what it relies on, or is built", async (t) => {
  const { serve, open } = world(t);
  const told = makeSdist({ name: "told", version: "1.0", requires: ["x"] });
  const dynamic = makeSdist({ name: "dynamic", version: "1.0", dynamic: ["Requires-Dist"] });
  const ancient = makeSdist({ name: "ancient", version: "1.0", metadataVersion: "1.1" });
  const fixture = await serve({ told: [told], dynamic: [dynamic], ancient: [ancient] });
  const built: string[] = [];
  const index = open({
    pip: { INDEX_URL: fixture.url },
    sdists: {
      metadataOf: async ({ file, bytesPath }) => {
        built.push(file.file);
        assert.ok(readFileSync(bytesPath).length > 100);
        throw new Error("built");
      },
    },
  });
  const read = async (project: string) => {
    const [file] = (await index.files(name(project))) ?? [];
    assert.ok(file);
    return index.metadata(file);
  };
  assert.equal((await read("told")).requiresDist[0]?.name, "x");
  await assert.rejects(read("dynamic"), /built/);
  await assert.rejects(read("ancient"), /built/);
  assert.deepEqual(built, [dynamic.file, ancient.file]);
});

test("a project comes from the first index that has it, unless told otherwise", async (t) => {
  const { serve, open } = world(t);
  const main = await serve({
    private: [makeWheel({ name: "private", version: "99" })],
    common: [old].map(() => makeWheel({ name: "common", version: "1" })),
  });
  const extra = await serve({ private: [makeWheel({ name: "private", version: "1" })] });
  const lab = await serve({
    common: [makeWheel({ name: "common", version: "7" })],
    private: [makeWheel({ name: "private", version: "8" })],
  });
  const pip = { INDEX_URL: main.url, EXTRA_INDEX_URL: extra.url };
  const versions = async (index: PythonIndex, project: string) =>
    (await index.files(name(project)))?.map((file) => `${file.file.split("-")[1]} ${file.index ?? "-"}`);
  const first = open({ pip });
  assert.deepEqual(await versions(first, "private"), ["1 -"]);
  assert.deepEqual(await versions(first, "common"), ["1 -"]);
  assert.deepEqual(await versions(open({ pip, overrides: { strategy: "merge" } }), "private"), [
    "1 -",
    "99 -",
  ]);
  const pinned = open({ pip, overrides: { indexes: { lab: lab.url }, indexOf: { Common: "lab" } } });
  assert.deepEqual(await versions(pinned, "common"), ["7 lab"]);
  assert.deepEqual(await versions(pinned, "private"), ["1 -"]);
  const general = open({ pip, overrides: { indexes: { lab: lab.url } } });
  assert.deepEqual(await versions(general, "private"), ["8 lab"]);
  await assert.rejects(
    open({ pip, overrides: { indexOf: { common: "none" } } }).files(name("common")),
    (error) => isCopseError(error, "python-index-unknown"),
  );
});

test("find-links: folders, pages, and no index at all", async (t) => {
  const { directory, serve, open } = world(t);
  const links = join(directory, "wheels");
  mkdirSync(links);
  writeFileSync(join(links, old.file), old.bytes);
  writeFileSync(
    join(links, "page.html"),
    `<base href="sub/"><a href='other-3-py3-none-any.whl'>x</a><a href="http://127.0.0.1/foo_bar-9-py3-none-any.whl">`,
  );
  writeFileSync(join(links, "notes.txt"), "none");
  const fixture = await serve({ "foo-bar": [recent] });
  const index = open({ pip: { INDEX_URL: fixture.url, FIND_LINKS: `wheels ${join(directory, "missing")}` } });
  const listed = await index.files(name("foo-bar"));
  assert.deepEqual(
    listed?.map(({ file }) => file),
    [old.file, "foo_bar-9-py3-none-any.whl", recent.file],
  );
  assert.equal((await index.metadata(listed[0]!)).version.text, "1.0");
  const alone = open({ pip: { NO_INDEX: "1", FIND_LINKS: links } });
  assert.equal((await alone.files(name("foo-bar")))?.length, 2);
  assert.match((await alone.files(name("other")))?.[0]?.url ?? "", /wheels\/sub\/other-3/);
  assert.equal(await alone.files(name("nothing")), undefined);
});

test("a page is asked for again by its ETag, not at all while it is fresh, and offline never", async (t) => {
  const { serve, open } = world(t);
  const fixture = await serve({ "foo-bar": files }, { etags: true, cacheControl: "max-age=600" });
  const clock = new MemoryClock();
  const read = async (options: Partial<OpenPythonIndexOptions> = {}) => {
    const index = open({ pip: { INDEX_URL: fixture.url }, clock, ...options });
    const listed = await index.files(name("foo-bar"));
    return [listed?.length, fixture.takeRequests().length];
  };
  await assert.rejects(read({ offline: true }), (error) => isCopseError(error, "offline"));
  assert.deepEqual(await read(), [2, 1]);
  assert.deepEqual(await read(), [2, 0]);
  clock.advance(601_000);
  assert.deepEqual(await read({ offline: true }), [2, 0]);
  assert.deepEqual(await read(), [2, 1]);
  assert.deepEqual(await read(), [2, 0]);
  assert.deepEqual(await read({ refresh: true }), [2, 1]);
  fixture.projects.get("foo-bar")?.pop();
  clock.advance(601_000);
  assert.deepEqual(await read(), [1, 1]);
});

test("logins are sent where they belong, and are in no message and no cache", async (t) => {
  const { directory, serve, open } = world(t);
  const fixture = await serve({ "foo-bar": files }, { login: "me:s3cr=t" });
  const secret = new URL(fixture.url);
  secret.username = "me";
  secret.password = "s3cr%3Dt";
  const index = open({ pip: { INDEX_URL: secret.href } });
  const [file] = (await index.files(name("foo-bar"))) ?? [];
  assert.ok(file);
  assert.equal((await index.metadata(file)).name, "foo-bar");
  assert.ok(!JSON.stringify(file).includes("s3cr"));
  for (const entry of readdirSync(join(directory, "cache"), { recursive: true, withFileTypes: true }))
    if (entry.isFile())
      assert.ok(!readFileSync(join(entry.parentPath, entry.name), "latin1").includes("s3cr"), entry.name);
  secret.password = "wr0ng";
  await assert.rejects(open({ pip: { INDEX_URL: secret.href } }).files(name("foo-bar")), (error: Error) => {
    assert.match(error.message, /Server answered 401|server answered 401/);
    return !error.message.includes("wr0ng") && error.message.includes("foo-bar");
  });
  writeFileSync(join(directory, "netrc"), `machine 127.0.0.1 login me password s3cr=t\n`);
  const env = { HOME: directory, NETRC: join(directory, "netrc"), PIP_INDEX_URL: fixture.url };
  assert.equal((await open({ env }).files(name("foo-bar")))?.length, 2);
});

test("what servers do wrong is one error each, with index, project and a way out", async (t) => {
  const { serve, open } = world(t);
  const fixture = await serve({ "foo-bar": files }, { metadata: true });
  const page = "/simple/foo-bar/";
  const lost = { kind: "status", status: 404 } as const;
  const attempt = async () => {
    const index = open({
      pip: { INDEX_URL: fixture.url, RETRIES: "2" },
      cacheDir: join(world(t).directory, "c"),
    });
    const [file] = (await index.files(name("foo-bar"))) ?? [];
    return file && (await index.metadata(file));
  };
  const cases = [
    [page, { kind: "status", status: 500 }, "download-status"],
    [page, { kind: "status", status: 403 }, "download-status"],
    [page, { kind: "html" }, "index-page-invalid"],
    [page, { kind: "truncate" }, "http-failed"],
    [page, { kind: "redirect", to: page }, "http-redirect"],
    [page, { kind: "bytes", bytes: Buffer.from("{") }, "index-page-invalid"],
    [
      page,
      { kind: "bytes", bytes: Buffer.from('{"files":[],"meta":{"api-version":"2.0"}}') },
      "index-version",
    ],
    [
      `/files/foo-bar/${old.file}.metadata`,
      { kind: "bytes", bytes: Buffer.from("Name: foo-bar\nVersion: 1.0\n") },
      "metadata-hash",
    ],
  ] as const;
  for (const [path, fault, code] of cases) {
    fixture.faults.clear();
    fixture.faults.set(path, fault);
    await assert.rejects(attempt(), (error: Error) => {
      assert.ok(isCopseError(error, code), `${code}: ${error}`);
      assert.match(error.message, /foo-bar/);
      assert.ok(error.hint);
      return true;
    });
  }
  // What passes is tried again; what was promised and is not there is found in the wheel itself.
  fixture.faults.clear();
  fixture.faults.set(page, [{ kind: "status", status: 503 }, { kind: "truncate" }]);
  fixture.faults.set(`/files/foo-bar/${old.file}.metadata`, lost);
  assert.equal((await attempt())?.name, "foo-bar");
  fixture.faults.clear();
  // A bare bucket says this of what it does not have; where a login was sent, it may mean the login.
  fixture.faults.set(page, { kind: "status", status: 403, body: "<Error><Code>AccessDenied</Code></Error>" });
  assert.equal(await attempt(), undefined);
});

test("metadata of another package is refused", async (t) => {
  const { serve, open } = world(t);
  const liar = makeWheel({
    name: "liar",
    version: "1.0",
    metadata: "Metadata-Version: 2.1\nName: numpy\nVersion: 1.0\n",
  });
  const fixture = await serve({ liar: [liar] });
  const index = open({ pip: { INDEX_URL: fixture.url } });
  const [file] = (await index.files(name("liar"))) ?? [];
  assert.ok(file);
  await assert.rejects(index.metadata(file), (error) => isCopseError(error, "metadata-mismatch"));
});

test("without any configuration, the error says what to configure", async (t) => {
  const { open } = world(t);
  await assert.rejects(open({}).files(name("foo-bar")), (error) => {
    assert.ok(isCopseError(error, "pip-no-index"));
    assert.match(error.hint ?? "", /PIP_INDEX_URL/);
    return true;
  });
});

test("hash and size of a file whose index says neither", async (t) => {
  const { serve, open } = world(t);
  for (const options of [{ format: "html" }, { format: "html", hashes: false }] as const) {
    const fixture = await serve({ "foo-bar": files }, options);
    const index = open({ pip: { INDEX_URL: fixture.url } });
    const [file] = (await index.files(name("foo-bar"))) ?? [];
    assert.ok(file && file.size === undefined);
    const sha256 = createHash("sha256").update(old.bytes).digest("hex");
    assert.deepEqual(await index.hashed(file), { sha256, size: old.bytes.length });
  }
});
