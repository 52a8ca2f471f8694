/** What a repository of R packages does wrong: each is one error that names it, with a way out, and leaves nothing behind. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { CopseError } from "#base";
import { endlessAnswer } from "#fetch/testing";
import { openRWorld, words } from "./testing/r-world.ts";

const INDEX = "src/contrib/PACKAGES.gz";
const SOURCE = "src/contrib/mine_1.0.tar.gz";

interface FaultCase {
  readonly what: string;
  readonly at: string;
  readonly answer: (response: ServerResponse, contents: Buffer) => void;
  readonly code: string;
}

const cases: readonly FaultCase[] = [
  {
    what: "500 for its index",
    at: INDEX,
    answer: (response) => response.writeHead(500).end(),
    code: "download-status",
  },
  {
    what: "403 for its index",
    at: INDEX,
    answer: (response) => response.writeHead(403).end(),
    code: "download-status",
  },
  {
    what: "a loop of redirects",
    at: INDEX,
    answer: (response) => response.writeHead(302, { location: `/cran/${INDEX}` }).end(),
    code: "http-redirect",
  },
  {
    what: "HTML for its index",
    at: INDEX,
    answer: (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>log in</html>"),
    code: "r-dcf-invalid",
  },
  {
    what: "half of its index",
    at: INDEX,
    answer: (response, contents) => {
      response.writeHead(200, { "content-length": contents.length });
      response.write(contents.subarray(0, 20), () => response.destroy());
    },
    code: "http-failed",
  },
  {
    what: "a damaged index",
    at: INDEX,
    answer: (response, contents) => response.end(contents.subarray(0, 40)),
    code: "cran-index-invalid",
  },
  {
    what: "an index without end",
    at: INDEX,
    answer: endlessAnswer,
    code: "answer-too-large",
  },
  {
    what: "an index that unpacks to gigabytes",
    at: INDEX,
    answer: (response) => response.end(gzipSync(Buffer.alloc(65 << 20), { level: 9 })),
    code: "cran-index-invalid",
  },
  {
    what: "404 for a source that its index names",
    at: SOURCE,
    answer: (response) => response.writeHead(404).end(),
    code: "download-status",
  },
  {
    what: "another source than its index says",
    at: SOURCE,
    answer: (response) => response.end("other bytes"),
    code: "hash-mismatch",
  },
  {
    what: "HTML for a source",
    at: SOURCE,
    answer: (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>log in</html>"),
    code: "download-html",
  },
];

for (const { what, at, answer, code } of cases)
  test(`a repository gives ${what}`, async (t) => {
    const { cran, resolve, lockPath } = await openRWorld(t, [{ name: "mine" }]);
    cran.answer = (path, response) => {
      if (path !== at) return false;
      answer(response, cran.files.get(path) ?? Buffer.alloc(0));
      return true;
    };
    await assert.rejects(resolve(["mine"]), (error) => {
      assert.ok(error instanceof CopseError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, /CRAN|127\.0\.0\.1:\d+\/cran/);
      assert.match(error.message, /PACKAGES|mine_1\.0\.tar\.gz/);
      assert.ok(error.hint, error.message);
      return true;
    });
    assert.ok(!existsSync(lockPath));
    const kept = join(dirname(lockPath), "cache/cran");
    const files = existsSync(kept)
      ? readdirSync(kept, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      : [];
    const wrong = files.filter(({ name }) => name !== "pruned");
    assert.equal(wrong.length, at === INDEX ? 0 : 1, wrong.map(({ name }) => name).join(", "));
    // What was wrong once does not stay wrong.
    cran.answer = undefined;
    assert.deepEqual(words(await resolve(["mine"])), ["mine 1.0"]);
  });
