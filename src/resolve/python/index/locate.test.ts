import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { Downloader } from "#fetch";
import { hashBytes } from "#format";
import { serveFixtureIndex } from "../testing/fixture-index.ts";
import { makeWheel } from "../testing/packages.ts";
import { parsePypiUrl, pythonLocator } from "./locate.ts";

const wheel = makeWheel({ name: "foo-bar", version: "1.0" });
const other = makeWheel({ name: "foo-bar", version: "1.0", files: { "foo_bar/more.py": "" } });

async function world(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "copse-locate-"));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, "root"));
  const main = await serveFixtureIndex({ "foo-bar": [other] }, { cacheControl: "max-age=600" });
  const lab = await serveFixtureIndex({ "foo-bar": [wheel] }, { login: "me:secret" });
  t.after(() => Promise.all([main.close(), lab.close()]));
  const fetch = async (url: string, env: Record<string, string> = {}) => {
    const python = pythonLocator({
      env: { HOME: directory, PIP_INDEX_URL: main.url, ...env },
      cacheDir: join(directory, "cache"),
      root: join(directory, "root"),
      directory,
      overrides: { indexes: { lab: lab.url.replace("//", "//me:secret@") } },
    });
    const downloader = new Downloader({ locators: new Map([["pypi", python.locate]]), backoffMs: 1 });
    const target = join(directory, "target");
    try {
      await downloader.download({ url, target, expectedHash: hashBytes("sha256", wheel.bytes) });
      return readFileSync(target);
    } finally {
      downloader.close();
      python.close();
    }
  };
  return { directory, main, lab, fetch };
}

test("a file of the lock comes from whichever index has these bytes", async (t) => {
  const { lab, main, fetch } = await world(t);
  const url = `pypi:foo-bar/${wheel.file}`;
  assert.deepEqual(await fetch(url), wheel.bytes);
  assert.deepEqual(await fetch(`pypi+lab:foo-bar/${wheel.file}`), wheel.bytes);
  // Without the index of the manifest, what pip's has is not it.
  lab.projects.clear();
  await assert.rejects(fetch(url), (error) => isCopseError(error, "hash-mismatch"));
  await assert.rejects(fetch(`pypi+lab:foo-bar/${wheel.file}`), (error) => isCopseError(error));
  // A page in the cache may be older than the file.
  main.projects.set("foo-bar", []);
  await assert.rejects(fetch(url));
  main.projects.set("foo-bar", [wheel]);
  assert.deepEqual(await fetch(url), wheel.bytes);
});

test("folders that were filled beforehand, and find-links, serve too", async (t) => {
  const { directory, lab, main, fetch } = await world(t);
  lab.projects.clear();
  main.projects.clear();
  const kept = join(directory, "kept/pypi/foo-bar");
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(kept, wheel.file), wheel.bytes);
  const url = `pypi:foo-bar/${wheel.file}`;
  await assert.rejects(fetch(url));
  assert.deepEqual(await fetch(url, { COPSE_MIRRORS: join(directory, "kept") }), wheel.bytes);
  assert.deepEqual(await fetch(url, { PIP_FIND_LINKS: kept, PIP_NO_INDEX: "1" }), wheel.bytes);
});

test("an address names a project and a plain file", () => {
  assert.deepEqual(parsePypiUrl("pypi+lab.1:a-b/A_b-1%2Bcpu.whl").index, "lab.1");
  for (const url of [
    "pypi:a",
    "pypi:a/",
    "pypi:A/b",
    "pypi:a/../b",
    "pypi:a/..",
    "pypi:a/b/c",
    "pypi+:a/b",
    "pypi:/b",
    "pypi:a/-b",
  ])
    assert.throws(
      () => parsePypiUrl(url),
      (error) => isCopseError(error, "url-unsupported"),
      url,
    );
});
