/** Arithmetic, comparison and bits. The operators `+ - * / <` do the same and do not come here. */
import {
  addNumbers,
  divide,
  evalError,
  expectInt,
  Float,
  force,
  forceInt,
  formatFloatShort,
  intFromBigInt,
  isInt,
  type Lazy,
  lessThan,
  multiply,
  type NixInt,
  subtract,
  toFloat,
  type Value,
} from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";

type Arithmetic = (left: Value, right: Value) => Value;

// A float on either side makes both floats; it is the left one that is looked at first.
function calculate(operation: Arithmetic, left: Lazy, right: Lazy): Value {
  const a = force(left);
  const b = force(right);
  if (a instanceof Float || b instanceof Float) {
    toFloat(a);
    toFloat(b);
  } else {
    expectInt(a);
    expectInt(b);
  }
  return operation(a, b);
}

function bitwise(
  left: Lazy,
  right: Lazy,
  { small, big }: { small: (a: number, b: number) => number; big: (a: bigint, b: bigint) => bigint },
): NixInt {
  const a = forceInt(left);
  const b = forceInt(right);
  if (a === Number(a) && b === Number(b) && (a | 0) === a && (b | 0) === b) return small(a, b);
  return intFromBigInt(big(BigInt(a), BigInt(b))) as NixInt;
}

function roundToInt(round: (value: number) => number, lazy: Lazy): NixInt {
  const value = force(lazy);
  if (isInt(value)) return unroundedInt(value);
  const float = toFloat(value);
  const rounded = Number.isFinite(float) ? intFromBigInt(BigInt(round(float))) : undefined;
  if (rounded !== undefined) return rounded;
  throw evalError(
    "invalid-value",
    `NixFloat argument ${formatFloatShort(float)} is not in the range of NixInt`,
  );
}

// Nix refuses integers that its detour through floats once changed.
function unroundedInt(value: NixInt): NixInt {
  const detour = BigInt(Number(value));
  if (detour === BigInt(value)) return value;
  throw evalError(
    "invalid-value",
    "Due to a bug (see https://github.com/NixOS/nix/issues/12899) a loss of precision occurred in previous Nix " +
      `versions because the NixInt argument ${value} was rounded to ${detour}.\nFuture Nix versions might implement ` +
      "the correct behavior.",
  );
}

export const numberBuiltins = defineFunctions({
  add: { args: ["a", "b"], doc: "The sum of two numbers.", run: (_, a, b) => calculate(addNumbers, a, b) },
  sub: {
    args: ["a", "b"],
    doc: "The difference of two numbers.",
    run: (_, a, b) => calculate(subtract, a, b),
  },
  mul: { args: ["a", "b"], doc: "The product of two numbers.", run: (_, a, b) => calculate(multiply, a, b) },
  div: {
    args: ["a", "b"],
    doc: "The quotient of two numbers. Of two integers it is an integer, rounded towards zero.",
    run: (_, a, b) => calculate(divide, a, b),
  },
  lessThan: {
    args: ["a", "b"],
    doc: "Whether the first value comes before the second: numbers, strings, paths, or lists of these.",
    run: (_, a, b) => lessThan(force(a), force(b)),
  },
  ceil: {
    args: ["number"],
    doc: "The least integer that is not less than a number.",
    run: (_, number) => roundToInt(Math.ceil, number),
  },
  floor: {
    args: ["number"],
    doc: "The greatest integer that is not greater than a number.",
    run: (_, number) => roundToInt(Math.floor, number),
  },
  bitAnd: {
    args: ["a", "b"],
    doc: "The bits that are set in both integers.",
    run: (_, a, b) => bitwise(a, b, { small: (x, y) => x & y, big: (x, y) => x & y }),
  },
  bitOr: {
    args: ["a", "b"],
    doc: "The bits that are set in at least one of two integers.",
    run: (_, a, b) => bitwise(a, b, { small: (x, y) => x | y, big: (x, y) => x | y }),
  },
  bitXor: {
    args: ["a", "b"],
    doc: "The bits that are set in exactly one of two integers.",
    run: (_, a, b) => bitwise(a, b, { small: (x, y) => x ^ y, big: (x, y) => x ^ y }),
  },
});
