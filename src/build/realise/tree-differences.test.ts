import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { describeTreeDifferences } from "./tree-differences.ts";

const top = mkdtempSync(join(tmpdir(), "copse-differences-"));
after(() => rmSync(top, { recursive: true }));

function tree(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const directory = join(top, name);
  mkdirSync(join(directory, "sub"), { recursive: true });
  for (const [file, contents] of Object.entries(files)) writeFileSync(join(directory, file), contents);
  return directory;
}

test("equal trees have no differences", () => {
  const files = { a: "1", "sub/b": "2" };
  assert.deepEqual(
    describeTreeDifferences({ before: tree("same-1", files), after: tree("same-2", files) }),
    [],
  );
});

test("each kind of difference is named, text with its line", () => {
  const before = tree("before", {
    text: "one\ntwo\nbuilt at 1\n",
    binary: Buffer.from([0, 1, 2]),
    gone: "",
    mode: "x",
    "sub/kind": "file",
    long: "x".repeat(3_000_000),
  });
  const after = tree("after", {
    text: "one\ntwo\nbuilt at 2\n",
    binary: Buffer.from([0, 1, 3]),
    new: "",
    mode: "x",
    long: `${"x".repeat(2_999_999)}y`,
  });
  mkdirSync(join(after, "sub/kind"));
  chmodSync(join(after, "mode"), 0o755);
  symlinkSync("a", join(before, "link"));
  symlinkSync("b", join(after, "link"));
  assert.deepEqual(describeTreeDifferences({ before, after }), [
    "binary: contents differ from byte 2",
    "gone: only in the first build",
    "link: leads elsewhere",
    "  - a",
    "  + b",
    "long: contents differ from byte 2999999 (line 1)",
    `  - ${"x".repeat(201)}`,
    `  + ${"x".repeat(200)}y`,
    "mode: executable in the second build only",
    "new: only in the second build",
    "sub/kind: a file in the first build, a folder in the second",
    "text: contents differ from byte 17 (line 3)",
    "  - built at 1",
    "  + built at 2",
  ]);
});

test("a file that is the beginning of another differs where it ends", () => {
  const before = tree("short", { f: "abc" });
  const after = tree("longer", { f: "abcd" });
  assert.deepEqual(describeTreeDifferences({ before, after }), [
    "f: contents differ from byte 3 (line 1)",
    "  - abc",
    "  + abcd",
  ]);
});
