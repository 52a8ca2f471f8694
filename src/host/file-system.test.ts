import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import type { FileSystem } from "./file-system.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";
import { nodeFileSystem } from "./node-file-system.ts";

function fails(code: string): (error: unknown) => boolean {
  return (error) => isCopseError(error, code);
}

/** What every file system does. `top` is an empty directory. */
function contract(
  side: string,
  withTop: (work: (fs: FileSystem, top: string) => Promise<void>) => Promise<void>,
): void {
  const check = (what: string, work: (fs: FileSystem, top: string) => Promise<void>) =>
    test(`${side}: ${what}`, () => withTop(work));

  check("reads what was written, whole, in part, in pieces", async (fs, top) => {
    const path = `${top}/file`;
    await fs.writeFile(path, "grün");
    assert.equal(await fs.readText(path), "grün");
    await fs.writeFile(path, Buffer.alloc(100_000, 7));
    await fs.appendFile(path, "end");
    assert.equal((await fs.readFile(path)).length, 100_003);
    assert.equal(fs.readFileSync(path).length, 100_003);
    for (const [start, end, size] of [
      [0, undefined, 100_003],
      [99_999, undefined, 4],
      [10, 20, 10],
      [5, 5, 0],
    ] as const) {
      let seen = 0;
      for await (const chunk of fs.readStream(path, { start, ...(end !== undefined && { end }) }))
        seen += chunk.length;
      assert.equal(seen, size);
    }
    assert.deepEqual(await fs.readDirectory(top), [{ name: "file", kind: "regular" }]);
  });

  check("bounds what it reads", async (fs, top) => {
    await fs.writeFile(`${top}/file`, "12345");
    assert.equal(await fs.readText(`${top}/file`, { maxBytes: 5 }), "12345");
    await assert.rejects(fs.readText(`${top}/file`, { maxBytes: 4 }), fails("file-too-large"));
  });

  check("appending makes a file", async (fs, top) => {
    await fs.appendFile(`${top}/file`, "a");
    await fs.appendFile(`${top}/file`, "b");
    assert.equal(await fs.readText(`${top}/file`), "ab");
  });

  check("writes exclusively", async (fs, top) => {
    await fs.writeFile(`${top}/file`, "1", { exclusive: true });
    await assert.rejects(fs.writeFile(`${top}/file`, "2", { exclusive: true }), fails("file-exists"));
    assert.equal(await fs.readText(`${top}/file`), "1");
    assert.equal((await fs.readDirectory(top)).length, 1);
  });

  check("says what is there, links followed or not", async (fs, top) => {
    await fs.makeDirectory(`${top}/a/b/c`);
    await fs.makeDirectory(`${top}/a/b/c`);
    await fs.writeFile(`${top}/a/file`, "123", { mode: 0o755 });
    await fs.makeLink(`${top}/link`, "a/file");
    await fs.makeLink(`${top}/broken`, "nowhere");
    await fs.makeLink(`${top}/up`, `${top}/a/b/../..`);
    const info = await fs.stat(`${top}/link`);
    assert.deepEqual([info?.kind, info?.sizeBytes, info?.mode], ["regular", 3, 0o755]);
    assert.equal((await fs.linkStat(`${top}/link`))?.kind, "symlink");
    assert.equal(fs.linkStatSync(`${top}/broken`)?.kind, "symlink");
    for (const path of [`${top}/broken`, `${top}/nothing`, `${top}/a/file/below`, `${top}/no/thing`]) {
      assert.equal(await fs.stat(path), undefined, path);
      assert.equal(fs.statSync(path), undefined, path);
    }
    assert.equal(await fs.readLink(`${top}/link`), "a/file");
    assert.equal(fs.readLinkSync(`${top}/broken`), "nowhere");
    assert.equal(await fs.realPath(`${top}/up/link`), `${await fs.realPath(top)}/a/file`);
    assert.equal(await fs.readText(`${top}/up/a/b/../file`), "123");
  });

  check("lists in byte order", async (fs, top) => {
    for (const name of ["b", "B", "é", "a", "\u{10000}", "\uffee"]) await fs.writeFile(`${top}/${name}`, "");
    const names = ["B", "a", "b", "é", "\uffee", "\u{10000}"];
    assert.deepEqual(
      (await fs.readDirectory(top)).map((entry) => entry.name),
      names,
    );
    assert.deepEqual(
      fs.readDirectorySync(top).map((entry) => entry.name),
      names,
    );
  });

  check("renames and removes", async (fs, top) => {
    await fs.makeDirectory(`${top}/a/b`);
    await fs.writeFile(`${top}/a/b/file`, "1");
    await fs.rename(`${top}/a`, `${top}/moved`);
    assert.equal(await fs.readText(`${top}/moved/b/file`), "1");
    await fs.makeDirectory(`${top}/full/x`);
    await assert.rejects(fs.rename(`${top}/moved`, `${top}/full`), fails("directory-not-empty"));
    await fs.setMode(`${top}/moved/b`, 0o555);
    await fs.makeLink(`${top}/link`, "full");
    await fs.remove(`${top}/link`);
    await fs.remove(`${top}/moved`);
    await fs.remove(`${top}/nothing`);
    assert.deepEqual(await fs.readDirectory(top), [{ name: "full", kind: "directory" }]);
  });

  check("has names for what goes wrong", async (fs, top) => {
    await fs.writeFile(`${top}/file`, "");
    await assert.rejects(fs.readFile(`${top}/nothing`), fails("file-not-found"));
    await assert.rejects(fs.readFile(top), fails("not-a-file"));
    await assert.rejects(fs.readDirectory(`${top}/file`), fails("not-a-directory"));
    await assert.rejects(fs.readDirectory(`${top}/nothing`), fails("file-not-found"));
    await assert.rejects(fs.writeFile(`${top}/no/thing`, ""), fails("file-not-found"));
    await assert.rejects(fs.rename(`${top}/nothing`, `${top}/x`), fails("file-not-found"));
    await assert.rejects(fs.makeLink(`${top}/file`, "x"), fails("file-exists"));
    await assert.rejects(fs.readLink(`${top}/file`), fails("not-a-link"));
    assert.throws(() => fs.readFileSync(`${top}/nothing`), fails("file-not-found"));
    assert.throws(() => fs.readDirectorySync(`${top}/file`), fails("not-a-directory"));
  });

  check("links in a circle end", async (fs, top) => {
    await fs.makeLink(`${top}/a`, "b");
    await fs.makeLink(`${top}/b`, "a");
    await assert.rejects(fs.readFile(`${top}/a`), fails("file-unreadable"));
  });

  check("makes temporary directories", async (fs, top) => {
    const [a, b] = [await fs.makeTempDirectory(`${top}/t-`), await fs.makeTempDirectory(`${top}/t-`)];
    assert.notEqual(a, b);
    assert.equal(a.startsWith(`${top}/t-`), true);
    assert.equal((await fs.stat(b))?.kind, "directory");
  });
}

contract("node", async (work) => {
  const top = mkdtempSync(join(tmpdir(), "copse-host-"));
  try {
    await work(nodeFileSystem, top);
  } finally {
    rmSync(top, { recursive: true });
  }
});

contract("memory", async (work) => {
  const fs = new MemoryFileSystem({ "/beside/file": "1" });
  await fs.makeDirectory("/top");
  await work(fs, "/top");
  assert.equal(await fs.readText("/beside/file"), "1");
});
