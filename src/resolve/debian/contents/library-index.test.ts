import assert from "node:assert/strict";
import { test } from "node:test";
import { packageOfLibrary } from "./library-index.ts";

const cases: readonly (readonly [
  library: string,
  packages: readonly string[],
  chosen: string | undefined,
])[] = [
  ["libgomp.so.1", ["libgomp1", "libgomp1-amd64-cross"], "libgomp1"],
  ["libGL.so.1", ["libgl1", "libgl1-nvidia-glvnd-glx"], "libgl1"],
  ["libblas.so.3", ["libopenblas0-pthread", "libblas3", "libatlas3-base"], "libblas3"],
  ["libglib-2.0.so.0", ["libglib2.0-0t64"], "libglib2.0-0t64"],
  ["libpng16.so.16", ["libpng16-16t64", "libpng16-16"], "libpng16-16"],
  ["libsndfile.so.1", ["libsndfile1"], "libsndfile1"],
  ["libnone.so.1", [], undefined],
];

for (const [library, packages, chosen] of cases)
  test(`${library} comes from ${chosen ?? "nowhere"}`, () => {
    assert.equal(packageOfLibrary(library, packages), chosen);
    assert.equal(packageOfLibrary(library, packages.toReversed()), chosen, "whatever the order");
  });
