import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { isCopseError } from "#base";
import { MemoryClock } from "#host";
import { HttpClient } from "../http.ts";
import { serveLoopback } from "../loopback.ts";
import type { Pace } from "../pace.ts";
import { CacheFiles } from "./cache-files.ts";
import { freshnessOf } from "./freshness.ts";
import { HttpCache } from "./http-cache.ts";

type Handler = (response: ServerResponse, headers: NodeJS.Dict<string | string[]>) => void;

async function world(t: TestContext, handler: { serve: Handler }) {
  const directory = mkdtempSync(join(tmpdir(), "copse-http-cache-"));
  t.after(() => {
    chmodSync(directory, 0o700);
    rmSync(directory, { recursive: true });
  });
  const server = await serveLoopback((request, response) => handler.serve(response, request.headers));
  const client = new HttpClient();
  t.after(() => {
    client.close();
    return server.close();
  });
  const clock = new MemoryClock(Date.UTC(2026, 0, 1));
  const open = (pace?: Pace) => new HttpCache({ directory, client, clock, pace, retries: 0 });
  let reductions = 0;
  const read = (cache = open(), login?: string) =>
    cache.read({
      url: new URL(`${server.url}/page?x=1`),
      routeFor: () => ({ login }),
      form: "text-1",
      maxBytes: 100_000,
      reduce: ({ bytes }) => {
        reductions++;
        return bytes.toString();
      },
      encode: (text) => Buffer.from(text),
      decode: (bytes) => bytes.toString(),
    });
  const entries = () =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "pruned")
      .map((entry) => join(entry.parentPath, entry.name));
  return { directory, server, clock, open, read, entries, reduced: () => reductions };
}

test("a page that did not change is read once, with whatever its server tells versions apart by", async (t) => {
  for (const headers of [{ etag: '"1"' }, { "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" }, {}]) {
    const handler = {
      serve: (response: ServerResponse, asked: NodeJS.Dict<string | string[]>) => {
        const isSame =
          ("etag" in headers && asked["if-none-match"] === headers.etag) ||
          ("last-modified" in headers && asked["if-modified-since"] === headers["last-modified"]);
        response.writeHead(isSame ? 304 : 200, headers).end(isSame ? undefined : "page");
      },
    };
    const { read, reduced, server, clock } = await world(t, handler);
    const isUnstated = Object.keys(headers).length === 0;
    for (let times = 0; times < 3; times++) {
      assert.equal(await read(), "page");
      // It would cost the whole page to ask again at once.
      if (isUnstated) {
        clock.advance(599_000);
        assert.equal(await read(), "page");
        clock.advance(2_000);
      }
    }
    assert.equal(reduced(), 1);
    assert.equal(server.requests.length, 3);
    handler.serve = (response) => response.writeHead(200, { etag: '"2"' }).end("other");
    assert.equal(await read(), "other");
    handler.serve = (response) => response.writeHead(404).end();
    assert.equal(await read(), undefined);
  }
});

test("compressed answers are uncompressed, and bounded", async (t) => {
  const packers = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync, zstd: zstdCompressSync };
  for (const [encoding, pack] of Object.entries(packers)) {
    let contents = "x".repeat(1000);
    const { read, clock } = await world(t, {
      serve: (response) =>
        response.writeHead(200, { "content-encoding": encoding }).end(pack(Buffer.from(contents))),
    });
    assert.equal(await read(), contents);
    clock.advance(600_000);
    contents = "x".repeat(10_000_000);
    await assert.rejects(read(), (error) => isCopseError(error, "answer-too-large"), encoding);
  }
  const { read } = await world(t, {
    serve: (response) => response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip"),
  });
  await assert.rejects(read(), (error) => isCopseError(error, "answer-broken"));
});

test("an entry that is cut off, or is none, is asked for anew; nobody else reads entries", async (t) => {
  const { read, entries, reduced } = await world(t, {
    serve: (response) => response.writeHead(200, { "cache-control": "max-age=100" }).end("page"),
  });
  assert.equal(await read(), "page");
  const [file = ""] = entries();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(await read(), "page");
  assert.equal(reduced(), 1);
  truncateSync(file, statSync(file).size - 1);
  assert.equal(await read(), "page");
  writeFileSync(file, "{");
  assert.equal(await read(), "page");
  assert.equal(reduced(), 3);
  // Another login may be shown another page.
  await read(undefined, "me:secret");
  assert.equal(entries().length, 2);
});

test("what must not be stored is not, and a cache that cannot be written is none", async (t) => {
  const { directory, read, entries } = await world(t, {
    serve: (response) => response.writeHead(200, { "cache-control": "no-store" }).end("page"),
  });
  assert.equal(await read(), "page");
  assert.deepEqual(entries(), []);
  const file = join(directory, "file");
  writeFileSync(file, "");
  const files = new CacheFiles(join(file, "below"));
  files.write(files.path("kind-1", "key"), {}, Buffer.from("x"));
  assert.equal(files.read(files.path("kind-1", "key")), undefined);
});

test("a cache keeps within its bound: the oldest go, and what crashed writers left", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "copse-cache-files-"));
  t.after(() => rmSync(directory, { recursive: true }));
  let now = Date.UTC(2026, 0, 1);
  const files = new CacheFiles(directory, { maxBytes: 2500, now: () => now });
  const paths = ["a", "b", "c", "d"].map((key) => files.path("kind-1", key));
  for (const path of paths) {
    now += 1000;
    files.write(path, {}, Buffer.alloc(1000));
  }
  files.renew(paths[0] as string);
  writeFileSync(`${paths[1]}.part`, "");
  now += 10 * 86_400_000 + (Date.now() - now);
  files.prune();
  assert.deepEqual(
    paths.map((path) => existsSync(path)),
    [true, false, false, true],
  );
  assert.ok(!existsSync(`${paths[1]}.part`));
});

test("how long an answer may be used", () => {
  const lifetime = (headers: Record<string, string>) => freshnessOf(headers).lifetimeSeconds;
  assert.equal(lifetime({ "cache-control": "public, Max-Age=600" }), 600);
  assert.equal(lifetime({ "cache-control": "max-age=600", age: "100" }), 500);
  assert.equal(lifetime({ "cache-control": "max-age=600, no-cache" }), 0);
  assert.equal(lifetime({ "cache-control": "max-age=99999999" }), 86_400);
  assert.equal(lifetime({ "cache-control": "max-age=x" }), 0);
  assert.equal(
    lifetime({ expires: "Thu, 01 Jan 2026 00:01:00 GMT", date: "Thu, 01 Jan 2026 00:00:00 GMT" }),
    60,
  );
  assert.equal(lifetime({ expires: "0", date: "Thu, 01 Jan 2026 00:00:00 GMT" }), 0);
  assert.equal(lifetime({}), 600);
  assert.equal(freshnessOf({}, { isMissing: true }).lifetimeSeconds, 0);
  assert.equal(lifetime({ "cache-control": "" }), 0);
  assert.equal(lifetime({ etag: '"1"' }), 0);
  assert.equal(lifetime({ "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" }), 0);
});

test("a server that never gets to an end is left, plain or compressed, and nothing is kept", async (t) => {
  for (const encoding of ["identity", "gzip"]) {
    const handler = {
      serve: (response: ServerResponse) => {
        response.writeHead(200, { "content-encoding": encoding });
        const drip = setInterval(() => response.write(encoding === "gzip" ? gzipSync("x") : "x"), 5);
        response.on("close", () => clearInterval(drip));
      },
    };
    const { open, read, entries } = await world(t, handler);
    const cache = open({ minBytesPerSecond: 1_000_000, graceMs: 50 });
    await assert.rejects(read(cache), (error) => isCopseError(error, "download-slow"), encoding);
    assert.deepEqual(entries(), []);
  }
});
