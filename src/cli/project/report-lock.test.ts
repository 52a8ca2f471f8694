import assert from "node:assert/strict";
import { test } from "node:test";
import type { LockChange } from "./lock-changes.ts";
import { changeLines } from "./report-lock.ts";

function change(section: string, name: string, before?: string, after?: string): LockChange {
  return { section, name, before, after };
}

test("what happens alike in all sections is told once, other things with their section", () => {
  const [one, other] = ["Python 3.11 x86_64-linux", "Python 3.11 aarch64-linux"];
  assert.deepEqual(
    changeLines([
      change(one, "a", undefined, "1"),
      change(one, "b", "1", "2"),
      change(one, "c", "1", undefined),
      change(other, "a", undefined, "1"),
    ]),
    ["+ a 1", `~ b 1 → 2  (${one})`, `- c 1  (${one})`],
  );
  assert.deepEqual(changeLines([change(one, "b", "1", "2")]), ["~ b 1 → 2"]);
  assert.deepEqual(changeLines([]), []);
});

test("of Debian's packages the first ones are told, of Python's all", () => {
  const many = (section: string) =>
    Array.from({ length: 30 }, (_, at) => change(section, `p${at}`, undefined, "1"));
  assert.equal(changeLines(many("Python 3.11 x86_64-linux")).length, 30);
  const lines = changeLines(many("bookworm amd64"));
  assert.equal(lines.length, 21);
  assert.equal(lines.at(-1), "and 10 more of bookworm amd64");
});
