/** Values where a certain kind is wanted: checked, or made into a string or path as Nix does. */
import type { ByteString } from "#base";
import { Attrs } from "./attrs.ts";
import { calls, throwStackOverflow } from "./call-depth.ts";
import { ContextCollector, displayContextElement, StringContext } from "./context.ts";
import { evalError, typeError } from "./errors.ts";
import type { Evaluation } from "./evaluation.ts";
import { formatFloatFixed } from "./format-float.ts";
import { call, isCallable } from "./function.ts";
import { addNumbers, expectInt, isInt, type NixInt, toFloat } from "./number.ts";
import { isList, printForError } from "./print.ts";
import { force } from "./thunk.ts";
import { showType } from "./type-name.ts";
import { ContextString, Float, type Lazy, Path, type Value } from "./value.ts";

export type StringValue = ByteString | ContextString;

export function isString(value: Lazy): value is StringValue {
  return typeof value === "string" || value instanceof ContextString;
}
export function textOf(value: StringValue): ByteString {
  return typeof value === "string" ? value : value.text;
}
export function contextOf(value: StringValue): StringContext | undefined {
  return typeof value === "string" ? undefined : value.context;
}
export function makeString(text: ByteString, context: StringContext | undefined): StringValue {
  return context === undefined ? text : new ContextString(text, context);
}

function unexpected(wanted: string, value: Value): never {
  throw typeError(`expected ${wanted} but found ${showType(value)}: ${printForError(value)}`);
}

export function forceInt(lazy: Lazy): NixInt {
  return expectInt(force(lazy));
}
/** An integer that is safe as a JavaScript number: an index, a length. */
export function forceSmallInt(lazy: Lazy): number {
  return Number(expectInt(force(lazy)));
}
/** A float or integer, as a JavaScript number. */
export function forceFloat(lazy: Lazy): number {
  return toFloat(force(lazy));
}
export function forceBool(lazy: Lazy): boolean {
  const value = force(lazy);
  return typeof value === "boolean" ? value : unexpected("a Boolean", value);
}
/** A string with whatever context it has. */
export function forceString(lazy: Lazy): StringValue {
  const value = force(lazy);
  return isString(value) ? value : unexpected("a string", value);
}
/** A string's bytes, its context ignored. */
export function forceText(lazy: Lazy): ByteString {
  return textOf(forceString(lazy));
}
export function forceStringNoContext(lazy: Lazy): ByteString {
  const value = forceString(lazy);
  if (typeof value === "string") return value;
  const first = displayContextElement(value.context.encoded()[0] as ByteString);
  throw evalError(
    "eval-error",
    `the string '${value.text}' is not allowed to refer to a store path (such as '${first}')`,
  );
}
export function forceList(lazy: Lazy): readonly Lazy[] {
  const value = force(lazy);
  return isList(value) ? value : unexpected("a list", value);
}
export function forceAttrs(lazy: Lazy): Attrs {
  const value = force(lazy);
  return value instanceof Attrs ? value : unexpected("a set", value);
}
/** A function or a set that can be called. */
export function forceFunction(lazy: Lazy): Value {
  const value = force(lazy);
  return isCallable(value) ? value : unexpected("a function", value);
}

export interface CoerceOptions {
  /** Also null, Booleans, numbers and lists: as `toString` and derivation attributes do. */
  readonly coerceMore?: boolean;
  /** Paths become store paths, with context; otherwise they stay as they are. Default true. */
  readonly copyToStore?: boolean;
}

const DEFAULT_OPTIONS: CoerceOptions = {};

/** A string from a string, path, or a set with `__toString` or `outPath`; with `coerceMore` from nearly all. */
export function coerceToString(
  evaluation: Evaluation,
  lazy: Lazy,
  options: CoerceOptions = DEFAULT_OPTIONS,
): StringValue {
  const value = force(lazy);
  if (typeof value === "string" || value instanceof ContextString) return value;
  if (value instanceof Path) return coercePath(evaluation, value.path, options);
  if (value instanceof Attrs) {
    if (++calls.depth > calls.limit) throwStackOverflow();
    const result = coerceAttrs(evaluation, value, options);
    calls.depth--;
    return result;
  }
  if (options.coerceMore) {
    if (isList(value)) {
      if (++calls.depth > calls.limit) throwStackOverflow();
      const result = coerceList(evaluation, value, options);
      calls.depth--;
      return result;
    }
    const scalar = coerceScalar(value);
    if (scalar !== undefined) return scalar;
  }
  throw typeError(`cannot coerce ${showType(value)} to a string: ${printForError(value)}`);
}

function coercePath(evaluation: Evaluation, path: ByteString, options: CoerceOptions): StringValue {
  if (options.copyToStore === false) return path;
  const storePath = evaluation.copyToStore(path);
  return new ContextString(storePath, StringContext.of({ kind: "opaque", path: storePath }));
}

function coerceAttrs(evaluation: Evaluation, attrs: Attrs, options: CoerceOptions): StringValue {
  const toStringFn = attrs.get("__toString");
  if (toStringFn !== undefined) return coerceToString(evaluation, call(force(toStringFn), attrs), options);
  const outPath = attrs.get("outPath");
  if (outPath !== undefined) return coerceToString(evaluation, outPath, options);
  throw typeError(`cannot coerce ${showType(attrs)} to a string: ${printForError(attrs)}`);
}

function coerceScalar(value: Value): ByteString | undefined {
  if (value === null || value === false) return "";
  if (value === true) return "1";
  if (isInt(value)) return String(value);
  return value instanceof Float ? formatFloatFixed(value.value) : undefined;
}

function coerceList(evaluation: Evaluation, list: readonly Lazy[], options: CoerceOptions): StringValue {
  const contexts = new ContextCollector();
  let text = "";
  for (let i = 0; i < list.length; i++) {
    const item = coerceToString(evaluation, list[i] as Lazy, options);
    text += textOf(item);
    contexts.add(contextOf(item));
    // Nix leaves out the space after an empty list, and only there.
    const value = force(list[i] as Lazy);
    if (i < list.length - 1 && !(isList(value) && value.length === 0)) text += " ";
  }
  return makeString(text, contexts.context);
}

/** An absolute path from a path, or from what can be a string; nothing is copied. */
export function coerceToPath(
  evaluation: Evaluation,
  lazy: Lazy,
): { path: ByteString; context: StringContext | undefined } {
  let value = force(lazy);
  if (value instanceof Attrs && !value.has("__toString")) {
    const outPath = value.get("outPath");
    if (outPath !== undefined) value = force(outPath);
  }
  if (value instanceof Path) return { path: value.path, context: undefined };
  const string = coerceToString(evaluation, value, { copyToStore: false });
  const text = textOf(string);
  if (!text.startsWith("/")) {
    throw evalError("invalid-value", `string '${text}' doesn't represent an absolute path`);
  }
  return { path: canonicalPath(text), context: contextOf(string) };
}

/** An absolute path without `.`, `..`, empty components or a trailing slash. Purely textual. */
export function canonicalPath(path: ByteString): ByteString {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** `left + right`, where both are not safe integers: numbers, strings, paths. */
export function add(evaluation: Evaluation, left: Value, right: Value): Value {
  if (isInt(left)) {
    if (isInt(right) || right instanceof Float) return addNumbers(left, right);
    throw typeError(`cannot add ${showType(right)} to an integer`);
  }
  if (left instanceof Float) {
    if (isInt(right) || right instanceof Float) return addNumbers(left, right);
    throw typeError(`cannot add ${showType(right)} to a float`);
  }
  if (left instanceof Path) return addToPath(evaluation, left.path, right);
  // A path on the right of a string is copied to the store; on the right of a set it is not.
  const options = { copyToStore: isString(left) };
  const head = coerceToString(evaluation, left, options);
  const tail = coerceToString(evaluation, right, options);
  if (typeof head === "string" && typeof tail === "string") return head + tail;
  return joinStrings([head, tail]);
}

/** A path and what follows it; what refers to the store cannot. */
export function addToPath(evaluation: Evaluation, path: ByteString, tail: Value): Path {
  const string = coerceToString(evaluation, tail, { copyToStore: false });
  if (typeof string !== "string") {
    throw evalError("eval-error", "a string that refers to a store path cannot be appended to a path");
  }
  return new Path(canonicalPath(path + string));
}

/** Strings one after the other, with the union of their contexts. */
export function joinStrings(parts: readonly StringValue[]): StringValue {
  const contexts = new ContextCollector();
  let text = "";
  for (const part of parts) {
    text += textOf(part);
    contexts.add(contextOf(part));
  }
  return makeString(text, contexts.context);
}
