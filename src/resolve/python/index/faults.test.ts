/** What the servers of an index do wrong: each is one error with index, project or file and a way out, and leaves nothing behind. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type CopseError, isCopseError } from "#base";
import { endlessAnswer } from "#fetch/testing";
import { type CoreMetadata, normaliseName } from "#format/python";
import { type Fault, type FixtureOptions, serveFixtureIndex } from "../testing/fixture-index.ts";
import { makeSdist, makeWheel } from "../testing/packages.ts";
import { openPythonIndex } from "./python-index.ts";

const wheel = makeWheel({ name: "demo", version: "1.0", requires: ["other"] });
const sdist = makeSdist({ name: "source", version: "1.0" });
const page = "/simple/demo/";
const metadata = `/files/demo/${wheel.file}.metadata`;
const whole = `/files/demo/${wheel.file}`;
const archive = `/files/source/${sdist.file}`;

const answer = (work: (response: ServerResponse, content: Buffer) => void): Fault => ({
  kind: "answer",
  answer: (response, content) => work(response, Buffer.from(content ?? "")),
});
const json = { "content-type": "application/vnd.pypi.simple.v1+json" };

interface FaultCase {
  readonly what: string;
  readonly at: string;
  readonly fault: Fault;
  readonly code: string;
  readonly served?: FixtureOptions;
  readonly project?: string;
  /** How long silence may last; unpacking what was sent counts as silence. */
  readonly timeoutSeconds?: number;
}

const beside: FixtureOptions = { metadata: true };

const cases: readonly FaultCase[] = [
  { what: "500", at: page, fault: { kind: "status", status: 500 }, code: "download-status" },
  { what: "403", at: page, fault: { kind: "status", status: 403 }, code: "download-status" },
  { what: "429 for ever", at: page, fault: { kind: "status", status: 429 }, code: "download-status" },
  { what: "HTML of a login page", at: page, fault: { kind: "html" }, code: "index-page-invalid" },
  {
    what: "HTML under the name of JSON",
    at: page,
    fault: answer((response) => response.writeHead(200, json).end("<html><body>hello</body></html>")),
    code: "index-page-invalid",
  },
  { what: "half a page", at: page, fault: { kind: "truncate" }, code: "http-failed" },
  {
    what: "a page shorter than its Content-Length",
    at: page,
    fault: answer((response, content) => {
      response.writeHead(200, { ...json, "content-length": content.length + 1000 }).write(content, () => {
        response.destroy();
      });
    }),
    code: "http-failed",
  },
  {
    what: "a page longer than its Content-Length",
    at: page,
    fault: answer((response, content) => {
      const { socket } = response;
      socket?.end(
        `HTTP/1.1 200 OK\r\nContent-Type: ${json["content-type"]}\r\nContent-Length: 20\r\nConnection: close\r\n\r\n${content}`,
      );
    }),
    code: "index-page-invalid",
  },
  { what: "a loop of redirects", at: page, fault: { kind: "redirect", to: page }, code: "http-redirect" },
  {
    what: "a redirect to a file of this machine",
    at: page,
    fault: { kind: "redirect", to: "file:///etc/passwd" },
    code: "http-redirect",
  },
  { what: "silence", at: page, fault: answer(() => {}), code: "http-timeout" },
  {
    what: "silence in the middle",
    at: page,
    fault: answer((response, content) => response.writeHead(200, json).write(content.subarray(0, 20))),
    code: "http-timeout",
  },
  {
    what: "no HTTP at all",
    at: page,
    fault: answer((response) => response.socket?.end("SSH-2.0-OpenSSH_9.2\r\n")),
    code: "http-failed",
  },
  {
    what: "a gzip bomb",
    at: page,
    fault: answer((response) => {
      response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(BOMB);
    }),
    code: "answer-too-large",
    timeoutSeconds: 30,
  },
  {
    what: "gzip that is none",
    at: page,
    fault: answer((response) => {
      response.writeHead(200, { ...json, "content-encoding": "gzip" }).end("no gzip");
    }),
    code: "answer-broken",
  },
  {
    what: "metadata without end",
    at: metadata,
    fault: answer((response) => endlessAnswer(response.writeHead(200))),
    code: "answer-too-large",
    served: beside,
  },
  {
    what: "metadata with another hash than the page says",
    at: metadata,
    fault: { kind: "bytes", bytes: Buffer.from("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n") },
    code: "metadata-hash",
    served: beside,
  },
  {
    what: "half of the metadata",
    at: metadata,
    fault: { kind: "truncate" },
    code: "http-failed",
    served: beside,
  },
  {
    what: "a wheel that is HTML",
    at: whole,
    fault: { kind: "html" },
    code: "download-html",
    served: { ranges: false },
  },
  {
    what: "a wheel with another hash than the page says",
    at: whole,
    fault: { kind: "bytes", bytes: Buffer.alloc(wheel.bytes.length, 1) },
    code: "hash-mismatch",
    served: { ranges: false },
  },
  {
    what: "a wheel without end",
    at: whole,
    fault: answer((response) => endlessAnswer(response.writeHead(200))),
    code: "download-size",
    served: { ranges: false },
  },
  {
    what: "an sdist with another hash than the page says",
    at: archive,
    fault: { kind: "bytes", bytes: Buffer.alloc(sdist.bytes.length, 1) },
    code: "hash-mismatch",
    project: "source",
  },
  {
    what: "an sdist that is cut off each time",
    at: archive,
    fault: { kind: "truncate" },
    code: "http-failed",
    project: "source",
  },
];

/** 300 kilobytes that unpack to 300 megabytes. */
const BOMB = gzipSync(Buffer.alloc(300 << 20), { level: 9 });

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "pruned")
    .map((entry) => entry.name);
}

async function attempt(
  t: TestContext,
  { served = {}, at, fault, project = "demo", timeoutSeconds = 0.5 }: FaultCase,
): Promise<{ readonly cache: string; readonly ask: () => Promise<CoreMetadata> }> {
  const directory = mkdtempSync(join(tmpdir(), "copse-faults-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const fixture = await serveFixtureIndex({ demo: [wheel], source: [sdist] }, served);
  t.after(() => fixture.close());
  fixture.faults.set(at, fault);
  const cache = join(directory, "cache");
  mkdirSync(cache);
  const index = openPythonIndex({
    env: { HOME: directory, PIP_INDEX_URL: fixture.url, PIP_RETRIES: "1", PIP_TIMEOUT: `${timeoutSeconds}` },
    ...{ root: directory, cacheDir: cache, directory, backoffMs: 1 },
    sdists: { metadataOf: () => Promise.reject(new Error("nothing is built here")) },
  });
  t.after(() => index.close());
  return {
    cache,
    async ask() {
      const [file] = (await index.files(normaliseName(project))) ?? [];
      assert.ok(file);
      return await index.metadata(file);
    },
  };
}

for (const one of cases)
  test(`an index gives ${one.what}`, async (t) => {
    const { cache, ask } = await attempt(t, one);
    await assert.rejects(ask(), (error) => {
      assert.ok(isCopseError(error), String(error));
      const { code, message, hint } = error as CopseError;
      assert.equal(code, one.code, message);
      // The project with its index, or the file with its address.
      assert.match(
        message,
        one.at === page ? /the project demo .*127\.0\.0\.1:\d+\/simple/ : /127\.0\.0\.1.*1\.0/,
      );
      assert.ok(hint, message);
      return true;
    });
    const left = filesBelow(cache);
    // The page itself was right where only a file was wrong.
    const pages = one.at === page ? 0 : 1;
    assert.equal(left.length, pages, `left in the cache: ${left.join(", ")}`);
  });

test("what an index does wrong once is asked for again, and then kept", async (t) => {
  const { cache, ask } = await attempt(t, {
    what: "a fault that passes",
    at: page,
    fault: { kind: "status", status: 503 },
    code: "",
  });
  await assert.rejects(ask());
  const fixture = await serveFixtureIndex({ demo: [wheel] }, beside);
  t.after(() => fixture.close());
  fixture.faults.set(page, [{ kind: "truncate" }]);
  const index = openPythonIndex({
    env: { HOME: cache, PIP_INDEX_URL: fixture.url, PIP_RETRIES: "1" },
    ...{ root: cache, cacheDir: cache, directory: cache, backoffMs: 1 },
    sdists: { metadataOf: () => Promise.reject(new Error("nothing is built here")) },
  });
  t.after(() => index.close());
  const [file] = (await index.files(normaliseName("demo"))) ?? [];
  assert.equal(file?.sha256, createHash("sha256").update(wheel.bytes).digest("hex"));
  assert.equal(filesBelow(cache).length, 1);
});
