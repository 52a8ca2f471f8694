import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutForeignWheels } from "./foreign-wheels.ts";

test("wheels of other systems go, but no version with them", () => {
  const files = [
    "a_b-1.0-cp311-cp311-win_amd64.whl",
    "a_b-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "a_b-2.0-cp311-cp311-macosx_11_0_arm64.whl",
    "A.b-2.0.tar.gz",
    "a_b-3.0-cp311-cp311-win32.whl",
    "a_b-3.0-cp312-cp312-macosx_10_9_universal2.whl",
    "a_b-4.0-py3-none-any.whl",
    "a_b-4.0-py3-none-win_amd64.macosx_11_0_arm64.linux_x86_64.whl",
  ];
  const kept = withoutForeignWheels(files.map((file) => ({ file, url: `https://one.example/${file}` })));
  assert.deepEqual(
    kept.map(({ file }) => file),
    [files[1], files[3], files[4], files[6], files[7]],
  );
});
