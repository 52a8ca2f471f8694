import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { isCopseError } from "#base";
import { parseHash } from "#format";
import {
  Downloader,
  type DownloaderOptions,
  type DownloadProgress,
  type DownloadRequest,
} from "./download.ts";
import { type Loopback, serveLoopback } from "./loopback.ts";

const file = randomBytes(300_000);
const sha256 = createHash("sha256").update(file).digest("hex");
const expectedHash = parseHash(sha256, "sha256");

interface Bench {
  readonly server: Loopback;
  readonly directory: string;
  readonly target: string;
  download(path: string, options?: Partial<DownloadRequest>): Promise<{ sizeBytes: number }>;
}

async function bench(
  t: TestContext,
  listener: RequestListener,
  options: DownloaderOptions = {},
): Promise<Bench> {
  const server = await serveLoopback(listener);
  const directory = mkdtempSync(join(tmpdir(), "copse-download-"));
  const downloader = new Downloader({ backoffMs: 1, ...options });
  t.after(async () => {
    downloader.close();
    await server.close();
    rmSync(directory, { recursive: true });
  });
  const target = join(directory, "file.deb");
  return {
    ...{ server, directory, target },
    download: (path, more) =>
      downloader.download({ url: `${server.url}${path}`, target, expectedHash, ...more }),
  };
}

/** Refused with a code, and nothing is left behind. */
async function refuses(
  one: Bench,
  code: string,
  path: string,
  options?: Partial<DownloadRequest>,
): Promise<Error> {
  let caught: unknown;
  await one.download(path, options).catch((error: unknown) => {
    caught = error;
  });
  assert.ok(isCopseError(caught, code), `${String(caught)} is to have the code ${code}`);
  assert.deepEqual(readdirSync(one.directory), []);
  return caught as Error;
}

test("a file is fetched, checked and in its place, with progress", async (t) => {
  const one = await bench(t, (_, response) => response.end(file));
  const seen: DownloadProgress[] = [];
  const result = await one.download("/a.deb", {
    sizeBytes: file.length,
    onProgress: (event) => seen.push(event),
  });
  assert.equal(result.sizeBytes, file.length);
  assert.deepEqual(readFileSync(one.target), file);
  assert.deepEqual(readdirSync(one.directory), ["file.deb"]);
  assert.deepEqual(seen.at(-1), { bytes: file.length, totalBytes: file.length });
});

test("other bytes are refused, and both hashes named", async (t) => {
  const one = await bench(t, (_, response) => response.end("other"));
  const error = await refuses(one, "hash-mismatch", "/a.deb");
  assert.match(error.message, new RegExp(sha256));
  assert.match(error.message, new RegExp(createHash("sha256").update("other").digest("hex")));
});

test("a broken connection is resumed where it broke", async (t) => {
  let breaks = 3;
  const one = await bench(t, (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const headers = { "content-length": file.length - from, etag: '"v1"' };
    if (from > 0)
      response.writeHead(206, {
        ...headers,
        "content-range": `bytes ${from}-${file.length - 1}/${file.length}`,
      });
    else response.writeHead(200, headers);
    if (breaks-- > 0) {
      response.write(file.subarray(from, from + 70_000));
      setTimeout(() => response.destroy(), 20);
    } else response.end(file.subarray(from));
  });
  await one.download("/a.deb", { sizeBytes: file.length });
  assert.deepEqual(readFileSync(one.target), file);
  // What had arrived and was not read yet when the connection broke is lost: each part may be asked for once more.
  const starts = one.server.requests.map(({ range = "bytes=0-" }) =>
    Number(range.slice("bytes=".length, -1)),
  );
  assert.equal(starts.length, 4);
  assert.deepEqual(
    starts.toSorted((a, b) => a - b),
    starts,
  );
  assert.ok(starts.every((start) => start % 70_000 === 0) && starts[3]! >= 70_000, `${starts}`);
});

test("a file that changed at the server is begun anew", async (t) => {
  let count = 0;
  const one = await bench(t, (_, response) => {
    response.writeHead(200, { "content-length": file.length, etag: `"v${count}"` });
    if (count++ > 0) return void response.end(file);
    response.write(Buffer.alloc(50_000));
    setTimeout(() => response.destroy(), 20);
  });
  await one.download("/a.deb");
  assert.deepEqual(readFileSync(one.target), file);
});

test("a server that always breaks off is given up", async (t) => {
  const one = await bench(
    t,
    (_, response) => {
      response.writeHead(200, { "content-length": file.length });
      response.write(file.subarray(0, 10));
      setTimeout(() => response.destroy(), 5);
    },
    { retries: 2 },
  );
  await refuses(one, "http-failed", "/a.deb");
  assert.equal(one.server.requests.length, 3);
});

test("a body shorter than announced is not taken for the file", async (t) => {
  // Without a length, the end of the connection looks like the end of the file.
  const one = await bench(
    t,
    (_, response) => {
      response.writeHead(200, { connection: "close" });
      response.end(file.subarray(0, 1000));
    },
    { retries: 1 },
  );
  await refuses(one, "download-truncated", "/a.deb", { sizeBytes: file.length });
  await refuses(one, "hash-mismatch", "/a.deb");
});

test("more bytes than allowed are not received", async (t) => {
  const one = await bench(t, (_, response) => {
    response.writeHead(200);
    const pour = () => {
      while (response.write(Buffer.alloc(65_536)));
      response.once("drain", pour);
    };
    pour();
  });
  await refuses(one, "download-size", "/a.deb", { maxBytes: 1_000_000 });
  await refuses(one, "download-size", "/a.deb", { sizeBytes: 1000 });
});

test("a web page in the place of a file is named as such", async (t) => {
  const one = await bench(t, (_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end("<!doctype html><title>Sign in</title>");
  });
  await refuses(one, "download-html", "/a.deb");
});

test("statuses: final ones at once, passing ones again", async (t) => {
  let failures = 2;
  const one = await bench(t, (request, response) => {
    if (request.url === "/gone.deb") response.writeHead(404).end();
    else if (request.url === "/login.deb") response.writeHead(401).end();
    else if (failures-- > 0) response.writeHead(503, { "retry-after": "0" }).end();
    else response.end(file);
  });
  await refuses(one, "download-status", "/gone.deb");
  await refuses(one, "download-status", "/login.deb");
  assert.equal(one.server.requests.length, 2);
  await one.download("/a.deb");
  assert.equal(one.server.requests.length, 5);
});

test("redirects are followed, but not for ever, and not to files", async (t) => {
  const one = await bench(t, (request, response) => {
    const to: Record<string, string> = {
      "/a.deb": "/b.deb",
      "/loop.deb": "/loop.deb",
      "/evil.deb": "file:///etc/passwd",
    };
    const location = to[request.url ?? ""];
    if (location) response.writeHead(302, { location }).end();
    else response.end(file);
  });
  await one.download("/a.deb");
  rmSync(one.target);
  await refuses(one, "http-redirect", "/loop.deb");
  await refuses(one, "http-redirect", "/evil.deb");
});

test("a silent server is not waited for", async (t) => {
  const one = await bench(t, (_, response) => void response.writeHead(200).write("a"), {
    retries: 0,
    routeFor: () => ({ timeoutMs: 100 }),
  });
  await refuses(one, "http-timeout", "/a.deb");
});

test("a server that trickles is not waited for, and asked last from then on", async (t) => {
  const slow = await bench(
    t,
    (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x"), 5);
      response.on("close", () => clearInterval(timer));
    },
    { pace: { minBytesPerSecond: 1e9, graceMs: 30 } },
  );
  await refuses(slow, "download-slow", "/x");
  let asked = 0;
  const silent = await bench(t, (_, response) => {
    asked++;
    response.destroy();
  });
  const good = await serveLoopback((_, response) => response.end(file));
  t.after(() => good.close());
  const url = [`${silent.server.url}/x`, `${good.url}/x`].map((text) => ({
    url: new URL(text),
    routeFor: () => ({}),
  }));
  await silent.download("", { url });
  const first = asked;
  assert.ok(first > 1, "it was tried again");
  await silent.download("", { url });
  assert.equal(asked, first);
});

test("cancelling ends a download with the signal's reason", async (t) => {
  const one = await bench(t, (_, response) => void response.writeHead(200).write("a"));
  const abort = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => abort.abort(reason), 50);
  await assert.rejects(one.download("/a.deb", { signal: abort.signal }), (error) => error === reason);
  assert.deepEqual(readdirSync(one.directory), []);
});

test("mirrors are tried in turn, and their connections kept", async (t) => {
  const sockets = new Set<unknown>();
  const one = await bench(t, (request, response) => {
    sockets.add(request.socket);
    if (request.url?.startsWith("/bad/")) response.end("other");
    else if (request.url?.startsWith("/none/")) response.writeHead(404).end();
    else response.end(file);
  });
  const route = { routeFor: () => ({}) };
  const at = (path: string) => ({ url: new URL(`${one.server.url}${path}`), ...route });
  await one.download("", { url: [at("/none/a"), at("/bad/a"), at("/good/a")] });
  assert.deepEqual(readFileSync(one.target), file);
  for (let i = 0; i < 5; i++) await one.download("/good/a");
  assert.ok(sockets.size <= 2, `${sockets.size} connections for 8 requests`);
  rmSync(one.target);
  // What is worth telling is that a mirror has other bytes.
  await refuses(one, "hash-mismatch", "", { url: [at("/bad/a"), at("/none/a")] });
});

test("logins go to their host alone, as Basic authentication", async (t) => {
  const seen: (string | undefined)[] = [];
  const other = await serveLoopback((request, response) => {
    seen.push(request.headers.authorization);
    response.end(file);
  });
  t.after(() => other.close());
  const one = await bench(
    t,
    (request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: `${other.url}/a.deb` }).end();
    },
    { routeFor: (url) => (url.origin === other.url ? {} : { login: "me:secret" }) },
  );
  await one.download("/a.deb");
  assert.deepEqual(seen, [`Basic ${Buffer.from("me:secret").toString("base64")}`, undefined]);
});

test("a proxy is asked for what is behind it", async (t) => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? "");
    request.pipe(httpRequest(request.url ?? "", (answer) => answer.pipe(response)));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;
  const one = await bench(t, (_, response) => response.end(file), {
    routeFor: () => ({ proxy: `http://127.0.0.1:${port}` }),
  });
  await one.download("/a.deb");
  assert.deepEqual(asked, [`${one.server.url}/a.deb`]);
});

test("files of this machine are copied and checked alike", async (t) => {
  const one = await bench(t, (_, response) => response.end());
  const origin = mkdtempSync(join(tmpdir(), "copse-origin-"));
  t.after(() => rmSync(origin, { recursive: true }));
  const path = join(origin, "a b.deb");
  writeFileSync(path, file);
  await one.download("", { url: pathToFileURL(path).href, sizeBytes: file.length });
  assert.deepEqual(readFileSync(one.target), file);
  rmSync(one.target);
  await refuses(one, "file-not-found", "", { url: pathToFileURL(`${path}x`).href });
  await refuses(one, "download-size", "", { url: pathToFileURL(path).href, sizeBytes: 5 });
  writeFileSync(path, "other");
  await refuses(one, "hash-mismatch", "", { url: pathToFileURL(path).href });
  await refuses(one, "url-unsupported", "", { url: "gopher://a.invalid/x" });
});
