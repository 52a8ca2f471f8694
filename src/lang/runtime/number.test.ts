import assert from "node:assert/strict";
import { test } from "node:test";
import { CopseError } from "#base";
import { formatFloatFixed, formatFloatShort } from "./format-float.ts";
import { addNumbers, divide, multiply, type NixInt, subtract } from "./number.ts";

const EDGES: bigint[] = [
  0n,
  1n,
  2n,
  3n,
  7n,
  2n ** 26n,
  2n ** 31n,
  2n ** 52n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 62n,
  2n ** 63n - 1n,
];
const NUMBERS = [...new Set(EDGES.flatMap((n) => [n, -n]).concat(-(2n ** 63n)))];

function toNix(big: bigint): NixInt {
  return Number.isSafeInteger(Number(big)) ? Number(big) : big;
}

/** What 64-bit arithmetic says; undefined for overflow. */
function inRange(big: bigint): NixInt | undefined {
  return BigInt.asIntN(64, big) === big ? toNix(big) : undefined;
}

const OPERATORS = [
  ["+", addNumbers, (a: bigint, b: bigint) => a + b],
  ["-", subtract, (a: bigint, b: bigint) => a - b],
  ["*", multiply, (a: bigint, b: bigint) => a * b],
  ["/", divide, (a: bigint, b: bigint) => a / b],
] as const;

for (const [name, operator, exact] of OPERATORS) {
  test(`${name} of integers is exact or overflows`, () => {
    for (const a of NUMBERS) {
      for (const b of NUMBERS) {
        if (name === "/" && b === 0n) continue;
        const expected = inRange(exact(a, b));
        const label = `${a} ${name} ${b}`;
        if (expected === undefined) {
          assert.throws(
            () => operator(toNix(a), toNix(b)),
            (error) => error instanceof CopseError && error.code === "integer-overflow",
            label,
          );
        } else assert.ok(Object.is(operator(toNix(a), toNix(b)), expected), label);
      }
    }
  });
}

test("floats print as C prints them", () => {
  // Recorded from printf("%g %f").
  const recorded: [number, string, string][] = [
    [0, "0", "0.000000"],
    [1, "1", "1.000000"],
    [0.1, "0.1", "0.100000"],
    [1234567, "1.23457e+06", "1234567.000000"],
    [123456, "123456", "123456.000000"],
    [999999.5, "1e+06", "999999.500000"],
    [0.0001, "0.0001", "0.000100"],
    [0.00001, "1e-05", "0.000010"],
    [1e100, "1e+100", `${BigInt(1e100)}.000000`],
    [-2.5, "-2.5", "-2.500000"],
    [0.0078125, "0.0078125", "0.007812"],
    [0.0234375, "0.0234375", "0.023438"],
    [1000000.5, "1e+06", "1000000.500000"],
    [100000.5, "100000", "100000.500000"],
    [100001.5, "100002", "100001.500000"],
    [1e-7, "1e-07", "0.000000"],
    [-0, "-0", "-0.000000"],
    [Number.POSITIVE_INFINITY, "inf", "inf"],
    [Number.NEGATIVE_INFINITY, "-inf", "-inf"],
  ];
  for (const [value, short, fixed] of recorded) {
    assert.equal(formatFloatShort(value), short);
    assert.equal(formatFloatFixed(value), fixed);
  }
});
