/** Packages as dpkg-deb builds them, in each compression. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CopseError } from "#base";
import { readDebFile } from "./deb-file.ts";

const noDpkg = spawnSync("dpkg-deb", ["--version"]).status === 0 ? false : "dpkg-deb is not installed";
const maxBytes = 1_000_000;

test("one file out of a package, whatever it is compressed with", { skip: noDpkg }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "copse-deb-file-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const tree = join(directory, "tree");
  for (const folder of ["DEBIAN", "usr/share/big", "usr/share/words"])
    mkdirSync(join(tree, folder), { recursive: true, mode: 0o755 });
  const control =
    "Package: words\nVersion: 1\nArchitecture: all\nMaintainer: A <a@copse.invalid>\nDescription: x\n";
  writeFileSync(join(tree, "DEBIAN/control"), control);
  writeFileSync(join(tree, "usr/share/words/text"), "the words\n");
  writeFileSync(join(tree, "usr/share/big/zeros"), Buffer.alloc(3_000_000));
  for (const compression of ["none", "gzip", "xz", "zstd"]) {
    const debPath = join(directory, `${compression}.deb`);
    const built = spawnSync("dpkg-deb", [`-Z${compression}`, "--root-owner-group", "--build", tree, debPath]);
    if (built.status !== 0) {
      t.diagnostic(`this dpkg-deb has no ${compression}`);
      continue;
    }
    const read = (path: string) => readDebFile({ debPath, path, maxBytes });
    assert.equal((await read("usr/share/words/text"))?.toString(), "the words\n", compression);
    assert.equal(await read("usr/share/words/other"), undefined, compression);
    await assert.rejects(read("usr/share/big/zeros"), (error) => error instanceof CopseError, compression);
    truncateSync(debPath, readFileSync(debPath).length >> 1);
    await assert.rejects(read("usr/share/words/text"), (error) => error instanceof Error, compression);
  }
});
