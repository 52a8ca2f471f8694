/** Why two values are not equal, for `assert a == b`: the first difference, as Nix words it. */
import type { ByteString, CopseError } from "#base";
import { Attrs } from "./attrs.ts";
import { equals } from "./compare.ts";
import { addTrace, evalError } from "./errors.ts";
import { formatFloatFixed } from "./format-float.ts";
import { isFunction } from "./function.ts";
import { isInt } from "./number.ts";
import { isDerivation, isList, printForError } from "./print.ts";
import { force, peek } from "./thunk.ts";
import { showType, typeName } from "./type-name.ts";
import { Float, type Lazy, type Value } from "./value.ts";

/** An assertion error for two values that `equals` told apart; undefined where they turn out to be equal. */
export function explainDifference(a: Value, b: Value): CopseError | undefined {
  if (isNumber(a) && isNumber(b)) {
    if (equals(a, b)) return undefined;
    return failure(
      `${showType(a)} with value '${printForError(a)}' is not equal to ${showType(b)} with value '${printForError(b)}'`,
    );
  }
  if (typeName(a) !== typeName(b)) {
    return failure(
      `${showType(a)} of value '${printForError(a)}' is not equal to ${showType(b)} of value '${printForError(b)}'`,
    );
  }
  if (isList(a) && isList(b)) return explainLists(a, b);
  if (a instanceof Attrs && b instanceof Attrs) return explainSets(a, b);
  if (isFunction(a)) {
    return failure("distinct functions and immediate comparisons of identical functions compare as unequal");
  }
  if (equals(a, b)) return undefined;
  const kind = typeof a === "boolean" ? "boolean" : typeName(a);
  return failure(`${kind} ${show(a)} is not equal to ${kind} ${show(b)}`);
}

function failure(message: string): CopseError {
  return evalError("assertion-failed", message);
}

function isNumber(value: Value): boolean {
  return isInt(value) || value instanceof Float;
}

function show(value: Value): string {
  return value instanceof Float ? `'${formatFloatFixed(value.value)}'` : `'${printForError(value)}'`;
}

function explainLazy(a: Lazy, b: Lazy, describe: () => string): CopseError | undefined {
  if (peek(a) === peek(b)) return undefined;
  const error = explainDifference(force(a), force(b));
  if (error !== undefined) addTrace(error, describe());
  return error;
}

function explainLists(a: readonly Lazy[], b: readonly Lazy[]): CopseError | undefined {
  if (a.length !== b.length) {
    return failure(
      `list of size '${a.length}' is not equal to list of size '${b.length}', left hand side is ${show(a)}, right hand side is ${show(b)}`,
    );
  }
  for (let i = 0; i < a.length; i++) {
    const error = explainLazy(a[i] as Lazy, b[i] as Lazy, () => `while comparing list element ${i}`);
    if (error !== undefined) return error;
  }
  return undefined;
}

function explainSets(a: Attrs, b: Attrs): CopseError | undefined {
  if (isDerivation(a) && isDerivation(b)) {
    const left = a.get("outPath");
    const right = b.get("outPath");
    if (left !== undefined && right !== undefined) {
      return explainLazy(left, right, () => "while comparing a derivation by its 'outPath' attribute");
    }
  }
  if (a.size !== b.size) {
    return failure(`attribute names of attribute set ${show(a)} differs from attribute set ${show(b)}`);
  }
  for (const name of a.names()) {
    const right = b.get(name);
    if (right === undefined) return explainMissing(name, a, b);
    const error = explainLazy(a.get(name) as Lazy, right, () => `while comparing attribute '${name}'`);
    if (error !== undefined) return error;
  }
  return undefined;
}

function explainMissing(name: ByteString, a: Attrs, b: Attrs): CopseError {
  return failure(`attribute name '${name}' is contained in ${show(a)}, but not in ${show(b)}`);
}
