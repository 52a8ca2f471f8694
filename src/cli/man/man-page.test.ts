/** The judge is man itself, with its warnings on: where there is none, only the form is looked at. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { allPages } from "./all-pages.ts";
import type { ManualPage } from "./man-page.ts";

const folder = mkdtempSync(join(tmpdir(), "copse-man-"));
after(() => rmSync(folder, { recursive: true }));
const hasMan = spawnSync("man", ["--version"]).status === 0;

describe("manual pages", () => {
  let pages: readonly ManualPage[] = [];
  before(async () => {
    pages = await allPages("0.0.0");
  });

  test("are there for every command and program, once", () => {
    const names = pages.map(({ fileName }) => fileName);
    assert.equal(new Set(names).size, names.length);
    for (const name of ["copse.1", "copse-build.1", "copse-store-gc.1", "nix-shell.1", "nix-store.1"]) {
      assert.ok(names.includes(name), name);
    }
  });

  test("have no line that roff takes for a request by mistake", () => {
    for (const { fileName, text } of pages) {
      for (const line of text.split("\n")) {
        assert.match(line, /^(\.(TH|SH|SS|TP|BR?|PP|EX|EE)( |$)|[^.'])|^$/, `${fileName}: ${line}`);
      }
    }
  });

  test("are what man reads without a warning", { skip: hasMan ? false : "man is not here" }, () => {
    for (const { fileName, text } of pages) {
      const file = join(folder, fileName);
      writeFileSync(file, text);
      const { stdout, stderr } = spawnSync("man", ["--warnings=w", "-E", "UTF-8", "-l", "-P", "cat", file], {
        encoding: "utf8",
        env: { ...process.env, LC_ALL: "C.UTF-8", MANROFFSEQ: "", MAN_KEEP_STDERR: "1" },
      });
      assert.equal(stderr, "", fileName);
      assert.match(stdout, /SYNOPSIS/, fileName);
    }
  });
});
