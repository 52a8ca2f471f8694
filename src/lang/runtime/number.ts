/**
 * Numbers. Integers are 64 bits wide: a JavaScript number while that is exact, a bigint beyond, and leaving
 * 64 bits is an error. Floats are `Float`, so that the two can be told apart.
 */
import { evalError, typeError } from "./errors.ts";
import { printForError } from "./print.ts";
import { showType } from "./type-name.ts";
import { Float, type Value } from "./value.ts";

export type NixInt = number | bigint;
type Operator = "add" | "sub" | "mul" | "div";

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** A 64-bit integer in its one representation; undefined when it does not fit. */
export function intFromBigInt(big: bigint): NixInt | undefined {
  if (big < MIN_INT64 || big > MAX_INT64) return undefined;
  return big >= Number.MIN_SAFE_INTEGER && big <= Number.MAX_SAFE_INTEGER ? Number(big) : big;
}

/** The low 64 bits, signed: for what wraps around in Nix (`bitAnd` and its like work on these). */
export function wrapInt64(big: bigint): NixInt {
  return intFromBigInt(BigInt.asIntN(64, big)) as NixInt;
}

export function isInt(value: Value): value is NixInt {
  return typeof value === "number" || typeof value === "bigint";
}

const OVERFLOW_WORDS: Readonly<Record<Operator, readonly [string, string]>> = {
  add: ["adding", "+"],
  sub: ["subtracting", "-"],
  mul: ["multiplying", "*"],
  div: ["dividing", "/"],
};

/** `left + right` of two integers, after the operator turned out not to be about safe numbers. */
export function arithmeticInt(operator: Operator, left: NixInt, right: NixInt): NixInt {
  const a = BigInt(left);
  const b = BigInt(right);
  const result = intFromBigInt(bigArithmetic(operator, a, b));
  if (result !== undefined) return result;
  const [verb, sign] = OVERFLOW_WORDS[operator];
  throw evalError("integer-overflow", `integer overflow in ${verb} ${a} ${sign} ${b}`);
}

function bigArithmetic(operator: Operator, a: bigint, b: bigint): bigint {
  switch (operator) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return a / b;
  }
}

/** `-` as the operator and `__sub` do it. */
export function subtract(left: Value, right: Value): Value {
  if (typeof left === "number" && typeof right === "number") {
    const result = left - right;
    if (Number.isSafeInteger(result)) return result;
  }
  if (left instanceof Float || right instanceof Float) return new Float(toFloat(left) - toFloat(right));
  return arithmeticInt("sub", expectInt(left), expectInt(right));
}

export function multiply(left: Value, right: Value): Value {
  if (typeof left === "number" && typeof right === "number") {
    const result = left * right;
    // Adding zero makes the minus zero of `0 * -1` an ordinary one.
    if (Number.isSafeInteger(result)) return result + 0;
  }
  if (left instanceof Float || right instanceof Float) return new Float(toFloat(left) * toFloat(right));
  return arithmeticInt("mul", expectInt(left), expectInt(right));
}

export function divide(left: Value, right: Value): Value {
  if (toFloat(right) === 0) throw evalError("division-by-zero", "division by zero");
  // The remainder is exact, and so is the division of what is left: no rounding near 2^53.
  if (typeof left === "number" && typeof right === "number") return (left - (left % right)) / right + 0;
  if (left instanceof Float || right instanceof Float) return new Float(toFloat(left) / toFloat(right));
  return arithmeticInt("div", expectInt(left), expectInt(right));
}

/** The sum of two numbers, for `builtins.add`; the operator `+` also joins strings (`coerce.ts`). */
export function addNumbers(left: Value, right: Value): Value {
  if (typeof left === "number" && typeof right === "number") {
    const result = left + right;
    if (Number.isSafeInteger(result)) return result;
  }
  if (left instanceof Float || right instanceof Float) return new Float(toFloat(left) + toFloat(right));
  return arithmeticInt("add", expectInt(left), expectInt(right));
}

/** `-value`: Nix reads it as `0 - value`. */
export function negate(value: Value): Value {
  return subtract(0, value);
}

/** A value that must be an integer. */
export function expectInt(value: Value): NixInt {
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw typeError(`expected an integer but found ${showType(value)}: ${printForError(value)}`);
}

/** A value that must be a number, as a JavaScript one. */
export function toFloat(value: Value): number {
  if (typeof value === "number") return value;
  if (value instanceof Float) return value.value;
  if (typeof value === "bigint") return Number(value);
  throw typeError(`expected a float but found ${showType(value)}: ${printForError(value)}`);
}
