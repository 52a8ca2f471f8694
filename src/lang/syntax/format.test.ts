import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAttrName, formatFloat, formatString } from "./mod.ts";

// The expected values are what C's printf("%g") gives.
test("floats have six significant digits", () => {
  const shown: readonly [number, string][] = [
    [0, "0"],
    [-0, "-0"],
    [1, "1"],
    [0.1, "0.1"],
    [1 / 3, "0.333333"],
    [100000, "100000"],
    [999999.5, "1e+06"],
    [1000000, "1e+06"],
    [123456.7, "123457"],
    [0.0001, "0.0001"],
    [0.00001234, "1.234e-05"],
    [-2.5, "-2.5"],
    [1e300, "1e+300"],
    [Number.POSITIVE_INFINITY, "inf"],
    [Number.NEGATIVE_INFINITY, "-inf"],
  ];
  for (const [value, text] of shown) assert.equal(formatFloat(value), text);
});

test("names are quoted where they have to be", () => {
  for (const bare of ["a", "_", "a-b'", "or", "iff"]) assert.equal(formatAttrName(bare), bare);
  for (const [name, quoted] of [
    ["", '""'],
    ["if", '"if"'],
    ["1", '"1"'],
    ["a b", '"a b"'],
    ["-", '"-"'],
    ['"', '"\\""'],
  ] as const) {
    assert.equal(formatAttrName(name), quoted);
  }
});

test("strings escape what would not be read back", () => {
  assert.equal(formatString('a"\\\n\r\t$ $${ ${'), '"a\\"\\\\\\n\\r\\t$ $\\${ \\${"');
});
