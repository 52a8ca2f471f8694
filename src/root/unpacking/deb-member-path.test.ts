import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { canonicalAbsolutePath, canonicalMemberPath } from "./deb-member-path.ts";

test("names of members become canonical", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["./", ""],
    ["./usr/bin/x", "usr/bin/x"],
    ["./bin/more", "usr/bin/more"],
    ["lib/x86_64-linux-gnu/libc.so.6", "usr/lib/x86_64-linux-gnu/libc.so.6"],
    ["./lib64/ld-linux-x86-64.so.2", "usr/lib64/ld-linux-x86-64.so.2"],
    ["./sbin", "usr/sbin"],
    ["./etc//./bin/x", "etc/bin/x"],
    ["./libexec/x", "libexec/x"],
  ];
  for (const [name, expected] of cases) assert.equal(canonicalMemberPath(name), expected, name);
  assert.equal(canonicalAbsolutePath("/bin/more"), "/usr/bin/more");
});

test("names that lead elsewhere are refused", () => {
  for (const name of [
    "/etc/passwd",
    "../x",
    "usr/../../x",
    "a\0b",
    ".copse/control/control",
    "x".repeat(5000),
    `a/${"x".repeat(256)}`,
  ]) {
    assert.throws(
      () => canonicalMemberPath(name),
      (error) => isCopseError(error, "deb-member-path"),
      name,
    );
  }
});
