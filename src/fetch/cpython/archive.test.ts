import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { Downloader } from "../download.ts";
import { serveLoopback } from "../loopback.ts";
import { CpythonArchive, cpythonFile, namesInListing } from "./archive.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "copse-cpython-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function open(t: TestContext, uris: readonly string[], mirrors: readonly string[] = []): CpythonArchive {
  const archives = new Map([["python", { uris, signedBy: [], isTrusted: false, place: "a test" }]]);
  return new CpythonArchive({
    sources: { archives, snapshots: new Map(), mirrors, files: ["/config.toml"] },
    cacheDir: folder(t),
    env: {},
  });
}

test("listings are read as servers write them", () => {
  const nginx = '<a href="../">../</a>\n<a href="3.12.8/">3.12.8/</a>   03-Dec-2024 18:59   -\n';
  const apache =
    '<td><a href="/ftp/python/3.12.8/">3.12.8/</a></td><a HREF=3.13.0/>x</a><a href="?C=N;O=D">N</a>';
  assert.deepEqual(namesInListing(nginx), ["..", "3.12.8"]);
  assert.deepEqual(namesInListing(apache), ["3.12.8", "3.13.0", ""]);
});

test("releases are the folders that are named so", async (t) => {
  const server = await serveLoopback((request, response) => {
    assert.equal(request.url, "/ftp/python/");
    response.end(
      ["3.12.8/", "3.12.10/", "3.13.0/", "2.7.18/", "doc/", "3.12.8/", "3.12/", "../3.1.1/x"]
        .map((name) => `<a href="${name}">${name}</a>`)
        .join("\n"),
    );
  });
  t.after(() => server.close());
  const downloader = new Downloader();
  t.after(() => downloader.close());
  const found = await open(t, [`${server.url}/ftp/python`]).releases(downloader);
  assert.deepEqual([...found].sort(), ["2.7.18", "3.12.10", "3.12.8", "3.13.0"]);
});

test("a mirror that has no listing leaves it to the next; a folder is a mirror, too", async (t) => {
  const server = await serveLoopback((_request, response) => response.end("<html>Welcome</html>"));
  t.after(() => server.close());
  const downloader = new Downloader();
  t.after(() => downloader.close());
  const local = folder(t);
  mkdirSync(join(local, "3.12.8"));
  writeFileSync(join(local, "robots.txt"), "");
  assert.deepEqual(await open(t, [server.url, `file://${local}`]).releases(downloader), ["3.12.8"]);
  await assert.rejects(open(t, [server.url]).releases(downloader), (error) => {
    return isCopseError(error, "cpython-listing") && error.message.includes(server.url);
  });
  await assert.rejects(open(t, [`file://${local}/none`]).releases(downloader), (error) => {
    return isCopseError(error, "file-not-found");
  });
});

test("a listing without end is given up", async (t) => {
  const server = await serveLoopback((_request, response) => {
    const write = () => {
      while (response.writable && response.write("x".repeat(65_536)));
    };
    response.on("drain", write);
    write();
  });
  t.after(() => server.close());
  const downloader = new Downloader({ retries: 0 });
  t.after(() => downloader.close());
  await assert.rejects(open(t, [server.url]).releases(downloader), (error) =>
    isCopseError(error, "download-size"),
  );
});

test("a file is looked for where it is kept before it is fetched again", (t) => {
  const archive = open(t, ["https://mirror.invalid/python"], ["file:///media/usb"]);
  const file = cpythonFile("3.12.8");
  const places = () => [...archive.locate(file)].map(({ url }) => url.href);
  const first = "file:///media/usb/python/3.12.8/Python-3.12.8.tar.xz";
  const last = "https://mirror.invalid/python/3.12.8/Python-3.12.8.tar.xz";
  assert.deepEqual(places(), [first, last]);
  const kept = archive.keptFile(file);
  mkdirSync(join(kept, ".."), { recursive: true });
  writeFileSync(kept, "");
  assert.deepEqual(places(), [first, `file://${kept}`, last]);
});

test("no address leads out of the archive", (t) => {
  const archive = open(t, ["https://mirror.invalid/python"]);
  assert.deepEqual(
    [...archive.locator("python:3.12.8/Python-3.12.8.tar.xz")].map(({ url }) => url.pathname),
    ["/python/3.12.8/Python-3.12.8.tar.xz"],
  );
  for (const url of [
    "python:../../etc/passwd",
    "python:/etc/passwd",
    "python:3.12.8/../../x",
    "other:3.12.8/x",
  ])
    assert.throws(() => [...archive.locator(url)], isCopseError, url);
});
