import assert from "node:assert/strict";
import { test } from "node:test";
import type { CopseError } from "#base";
import { isLinting, type LintLevels, lint } from "./lint.ts";
import { parse } from "./syntax/mod.ts";

const ignore: LintLevels = { url: "ignore", absolutePath: "ignore", shortPath: "ignore" };

function warningsOf(text: string, levels: Partial<LintLevels>): string[] {
  const source = { name: "a.nix", text };
  const warnings: string[] = [];
  const expr = parse(source, { baseDir: "/base", home: "/home" });
  lint(expr, { source, levels: { ...ignore, ...levels }, warn: (warning) => warnings.push(warning) });
  return warnings.map((warning) => warning.replace(/\. Consider.*\(/, "… ("));
}

test("what is found, and where", () => {
  const all: LintLevels = { url: "warn", absolutePath: "warn", shortPath: "warn" };
  assert.deepEqual(warningsOf('[ http://x/y "http://q" /a ~/b ./c ../d e/f "${g/h}" ]', all), [
    "URL literals are discouraged… (lint-url-literals), at a.nix:1:3",
    "absolute path literals are not portable… (lint-absolute-path-literals), at a.nix:1:25",
    "home path literals are not portable… (lint-absolute-path-literals), at a.nix:1:28",
    "relative path literal 'e/f' should be prefixed with '.' for clarity: './e/f' (lint-short-path-literals), at a.nix:1:41",
    "relative path literal 'g/h' should be prefixed with '.' for clarity: './g/h' (lint-short-path-literals), at a.nix:1:48",
  ]);
  assert.deepEqual(warningsOf("[ http://x/y /a e/f ]", ignore), []);
});

test("what is fatal has its place", () => {
  assert.throws(
    () => warningsOf("{ a = x:y; }", { url: "fatal" }),
    (error: CopseError) => /URL literals are disallowed/.test(error.message) && error.span?.start === 6,
  );
});

test("a function is no URL, nor is a string with one", () => {
  assert.deepEqual(warningsOf("(x: y) \"http://x\" ''http://x''", { url: "warn" }), []);
});

test("whether there is anything to do", () => {
  assert.ok(!isLinting(ignore));
  assert.ok(isLinting({ ...ignore, url: "fatal" }));
});
