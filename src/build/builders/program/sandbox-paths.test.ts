import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSandboxPaths } from "./sandbox-paths.ts";

test("the forms of Nix", () => {
  assert.deepEqual(parseSandboxPaths(["/bin/sh=/usr/bin/busybox", "/dev/fuse?", "//a/./b/../c/=/x=y?"]), [
    { target: "/bin/sh", source: "/usr/bin/busybox", optional: false },
    { target: "/dev/fuse", source: "/dev/fuse", optional: true },
    { target: "/a/c", source: "/x=y", optional: true },
  ]);
});

test("what leaves the sandbox or has no name is refused", () => {
  for (const [place, words] of [
    ["/foo/..", "invalid filename"],
    ["/foo/.", "invalid filename"],
    ["/..", "invalid filename"],
    ["/../escape", "escapes the chroot"],
    ["/foo/../../escape", "escapes the chroot"],
    ["//foo///.//../../escape", "escapes the chroot"],
    ["/foo/../", "escapes the chroot"],
    ["/", "not an absolute path"],
    ["relative", "not an absolute path"],
  ] as const) {
    assert.throws(
      () => parseSandboxPaths([`${place}=/etc/hostname`]),
      (error: Error) => error.message.includes(words),
      place,
    );
  }
});
