/** `==` and `<`. */
import { Attrs } from "./attrs.ts";
import { calls, throwStackOverflow } from "./call-depth.ts";
import { evalError } from "./errors.ts";
import { isInt } from "./number.ts";
import { isDerivation, isList, printForError } from "./print.ts";
import { force, peek } from "./thunk.ts";
import { showType, typeName } from "./type-name.ts";
import { ContextString, Float, type Lazy, Path, type Value } from "./value.ts";

/**
 * Whether two values are equal. Integers and floats compare as numbers, derivations by their `outPath`,
 * functions never: but a list or set that holds the very same function in both is equal, as in Nix, where
 * identical cells are not looked into.
 */
export function equals(a: Value, b: Value): boolean {
  switch (typeof a) {
    case "string":
      return a === b || (b instanceof ContextString && b.text === a);
    case "number":
      return a === b || (b instanceof Float && b.value === a);
    case "boolean":
      return a === b;
    case "bigint":
      return a === b || (b instanceof Float && b.value === Number(a));
  }
  if (a === null) return b === null;
  if (a instanceof Attrs) return b instanceof Attrs && equalAttrs(a, b);
  if (isList(a)) return isList(b) && equalLists(a, b);
  if (a instanceof ContextString) return a.text === (b instanceof ContextString ? b.text : b);
  if (a instanceof Float) return b instanceof Float ? a.value === b.value : isInt(b) && a.value === Number(b);
  if (a instanceof Path) return b instanceof Path && a.path === b.path;
  return false;
}

/** Whether two elements are equal: forces both, left first. */
export function equalLazy(a: Lazy, b: Lazy): boolean {
  const same = peek(a) === peek(b);
  const left = force(a);
  if (same) return true;
  return equals(left, force(b));
}

function equalLists(a: readonly Lazy[], b: readonly Lazy[]): boolean {
  if (a.length !== b.length) return false;
  if (++calls.depth > calls.limit) throwStackOverflow();
  let equal = true;
  for (let i = 0; equal && i < a.length; i++) equal = equalLazy(a[i] as Lazy, b[i] as Lazy);
  calls.depth--;
  return equal;
}

function equalAttrs(a: Attrs, b: Attrs): boolean {
  if (++calls.depth > calls.limit) throwStackOverflow();
  const equal = equalDerivations(a, b) ?? equalMembers(a, b);
  calls.depth--;
  return equal;
}

function equalDerivations(a: Attrs, b: Attrs): boolean | undefined {
  if (!isDerivation(a) || !isDerivation(b)) return undefined;
  const left = a.get("outPath");
  const right = b.get("outPath");
  return left === undefined || right === undefined ? undefined : equalLazy(left, right);
}

function equalMembers(a: Attrs, b: Attrs): boolean {
  const names = a.names();
  const otherNames = b.names();
  if (names.length !== otherNames.length) return false;
  const slots = a.values();
  const otherSlots = b.values();
  for (let i = 0; i < names.length; i++) {
    // Name by name, as a value before the first name that differs is forced in Nix too.
    if (names[i] !== otherNames[i]) return false;
    if (!equalLazy(slots[i] as Lazy, otherSlots[i] as Lazy)) return false;
  }
  return true;
}

/** `a < b`, of numbers, strings, paths, and lists of them. */
export function lessThan(a: Value, b: Value): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (typeof a === "string" && typeof b === "string") return a < b;
  if (a instanceof Float && (isInt(b) || b instanceof Float)) return a.value < Number(isInt(b) ? b : b.value);
  if (b instanceof Float && isInt(a)) return Number(a) < b.value;
  if (isInt(a) && isInt(b)) return a < b;
  const type = typeName(a);
  if (type !== typeName(b)) {
    throw evalError(
      "type-error",
      `cannot compare ${showType(a)} with ${showType(b)}; values are ${printForError(a)} and ${printForError(b)}`,
    );
  }
  if (type === "string") return text(a) < text(b);
  if (a instanceof Path && b instanceof Path) return a.path < b.path;
  if (isList(a) && isList(b)) return lessLists(a, b);
  throw evalError(
    "type-error",
    `cannot compare ${showType(a)} with ${showType(b)}; values of that type are incomparable (values are ${printForError(a)} and ${printForError(b)})`,
  );
}

function text(value: Value): string {
  return value instanceof ContextString ? value.text : (value as string);
}

/** By the first pair that differs; a prefix is less. */
function lessLists(a: readonly Lazy[], b: readonly Lazy[]): boolean {
  for (let i = 0; ; i++) {
    if (i === b.length) return false;
    if (i === a.length) return true;
    if (!equalLazy(a[i] as Lazy, b[i] as Lazy)) return lessThan(force(a[i] as Lazy), force(b[i] as Lazy));
  }
}
