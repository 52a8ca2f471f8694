/**
 * What generated code calls by name. A unit gets one linkage: most of it is the same in an evaluation, the rest
 * knows the unit's source and its global scope.
 */
import type { ByteString, Source } from "#base";
import {
  Attrs,
  add,
  addToPath,
  call,
  call2,
  call3,
  callMany,
  calls,
  coerceToString,
  divide,
  type Evaluation,
  equals,
  evalError,
  explainDifference,
  Float,
  force,
  forceAttrs,
  forced,
  forceStringNoContext,
  isList,
  joinStrings,
  Lambda,
  LambdaCode,
  type LambdaRun,
  type Lazy,
  lessThan,
  matchFormals,
  multiply,
  negate,
  Path,
  printForError,
  Shape,
  type StringValue,
  showType,
  subtract,
  suggest,
  Thunk,
  throwStackOverflow,
  typeError,
  update,
  type Value,
} from "../runtime/mod.ts";
import { noteSite } from "./sites.ts";

/** The part that all units of an evaluation share. */
export function createLinkage(evaluation: Evaluation) {
  return {
    Thunk,
    Lambda,
    Attrs,
    Float,
    Path,
    D: calls,
    EMPTY: Attrs.empty,
    OVER: throwStackOverflow,
    F: force,
    CALL: call,
    CALL2: call2,
    CALL3: call3,
    CALLN: callMany,
    SEL: select,
    GET: lookUp,
    BOOL: expectBool,
    ADD: (left: Value, right: Value): Value => {
      if (typeof left === "number" && typeof right === "number") {
        const sum = left + right;
        if (Number.isSafeInteger(sum)) return sum;
      }
      if (typeof left === "string" && typeof right === "string") return left + right;
      return add(evaluation, left, right);
    },
    SUB: subtract,
    MUL: multiply,
    DIV: divide,
    NEG: negate,
    EQ: equals,
    LT: lessThan,
    UPD: (right: Value, left: Value): Value => update(expectAttrs(left), expectAttrs(right)),
    CONCAT: concat,
    STR: (value: Value): StringValue =>
      typeof value === "string" ? value : coerceToString(evaluation, value),
    CAT: concatStrings,
    PATH: (base: ByteString, parts: readonly Value[]): Value => joinPath(evaluation, base, parts),
    NAME: forceStringNoContext,
    WITH1: (scope: Lazy, name: ByteString): Value => {
      const found = forceAttrs(scope).get(name);
      return found === undefined ? undefinedVariable(name, [scope]) : force(found);
    },
    WITHN: lookUpWith,
    ARGS: (args: Lazy): Attrs => forceAttrs(args).flat(),
    MATCH: matchFormals,
    STANDIN: runStandIn,
    OVERRIDE: applyOverrides,
    DYN: (set: Attrs): DynamicSet => ({ set, names: [], values: [], positions: [] }),
    BUILTIN: (name: ByteString): Lazy => evaluation.builtins.get(name) as Lazy,
  };
}

/** The part that belongs to one unit. */
export interface UnitEnvironment {
  readonly evaluation: Evaluation;
  readonly source: Source;
  /** The value of a name of the global scope, `scopedImport`'s included. */
  readonly global: (name: ByteString) => Lazy;
  readonly assertionText: (offset: number) => string;
}

type FormalTuple = readonly [name: ByteString, optional: 0 | 1, start: number];

export function createUnitLinkage(environment: UnitEnvironment) {
  const { evaluation, source, global } = environment;
  const place = (offset: number): number => evaluation.packPosition({ source, offset });
  return {
    GLOBAL: global,
    SHAPE: (names: readonly ByteString[], offsets: readonly number[]): Shape =>
      new Shape(names, offsets.map(place), true),
    CODE: (
      run: LambdaRun,
      arity: number,
      name: ByteString | undefined,
      starts: readonly number[],
      doc: { start: number; end: number } | undefined,
      formals?: readonly FormalTuple[],
      ellipsis?: boolean,
    ): LambdaCode =>
      new LambdaCode({
        run,
        arity,
        name,
        source,
        starts,
        doc,
        formals: formals?.map(([formal, optional, start]) => ({
          name: formal,
          optional: optional === 1,
          start,
        })),
        ellipsis: ellipsis ?? false,
      }),
    POS: (offset: number): Value => force(evaluation.positionValue(place(offset))),
    FIND: (name: ByteString): Value => call2(force(global("__findFile")), global("__nixPath"), name),
    FAIL: (offset: number): never => {
      throw evalError("assertion-failed", environment.assertionText(offset));
    },
    UNEQUAL: (left: Value, right: Value, offset: number): never => {
      throw (
        explainDifference(left, right) ?? evalError("assertion-failed", environment.assertionText(offset))
      );
    },
    DYNADD: (builder: DynamicSet, name: Value, value: Lazy, offset: number): void =>
      addDynamic(evaluation, builder, { name, value, position: place(offset) }),
    DYNEND: finishDynamic,
    ...createThunkCodes(source),
  };
}

/**
 * Codes of thunks that many places of a unit share. The offset of the place stands in the thunk's `c`, and goes
 * with an error that comes out of it. `trace.ts` knows these functions by their names.
 */
function createThunkCodes(source: Source) {
  function runSelect(thunk: Thunk): Value {
    try {
      return select(force(thunk.a as Lazy), thunk.b as ByteString);
    } catch (error) {
      noteSite(error, source, thunk.c);
      throw error;
    }
  }
  function runSelectPath(thunk: Thunk): Value {
    try {
      let value = force(thunk.a as Lazy);
      for (const name of thunk.b as readonly ByteString[]) value = select(value, name);
      return value;
    } catch (error) {
      noteSite(error, source, thunk.c);
      throw error;
    }
  }
  function runWith(thunk: Thunk): Value {
    try {
      return lookUpWith(thunk.a as readonly Lazy[], thunk.b as ByteString);
    } catch (error) {
      noteSite(error, source, thunk.c);
      throw error;
    }
  }
  function runApply(thunk: Thunk): Value {
    try {
      return call(force(thunk.a as Lazy), thunk.b as Lazy);
    } catch (error) {
      noteSite(error, source, thunk.c);
      throw error;
    }
  }
  return {
    SELECTED: runSelect,
    APPLY1: runApply,
    THUNKWITH: (scopes: readonly Lazy[], name: ByteString, offset: number): Thunk =>
      new Thunk(runWith, scopes, name, offset),
    /** What is evaluated already is looked into at once. */
    LAZYSEL: (subject: Lazy, name: ByteString, offset: number): Lazy => {
      const found = known(subject)?.get(name);
      return found === undefined ? new Thunk(runSelect, subject, name, offset) : found;
    },
    LAZYPATH: (subject: Lazy, names: readonly ByteString[], offset: number): Lazy =>
      findPath(subject, names) ?? new Thunk(runSelectPath, subject, names, offset),
    LAZYWITH: (scopes: readonly Lazy[], name: ByteString, offset: number): Lazy =>
      findWith(scopes, name) ?? new Thunk(runWith, scopes, name, offset),
  };
}

function expectAttrs(value: Value): Attrs {
  if (value instanceof Attrs) return value;
  throw typeError(`expected a set but found ${showType(value)}: ${printForError(value)}`);
}

function expectBool(value: Value): boolean {
  if (value === true || value === false) return value;
  throw typeError(`expected a Boolean but found ${showType(value)}: ${printForError(value)}`);
}

function select(value: Value, name: ByteString): Value {
  if (value instanceof Attrs) {
    const found = value.get(name);
    if (found !== undefined) return force(found);
  }
  return failSelect(value, name);
}

function failSelect(value: Value, name: ByteString): never {
  const attrs = expectAttrs(value);
  throw evalError("missing-attribute", `attribute '${name}' missing`, { hint: hintFor(name, attrs) });
}

function hintFor(name: ByteString, attrs: Attrs): string | undefined {
  return attrs.hintFor(name) ?? suggest(name, attrs.names());
}

/** For `or` and `?`: undefined where there is no such attribute or no set. */
function lookUp(value: Value, name: ByteString): Lazy | undefined {
  return value instanceof Attrs ? value.get(name) : undefined;
}

function concat(left: Value, right: Value): Value {
  const first = isList(left) ? left : forceListFailure(left);
  const second = isList(right) ? right : forceListFailure(right);
  if (first.length === 0) return second;
  return second.length === 0 ? first : first.concat(second);
}

function forceListFailure(value: Value): never {
  throw typeError(`expected a list but found ${showType(value)}: ${printForError(value)}`);
}

function concatStrings(parts: readonly StringValue[]): StringValue {
  let text = "";
  for (const part of parts) {
    if (typeof part !== "string") return joinStrings(parts);
    text += part;
  }
  return text;
}

function joinPath(evaluation: Evaluation, base: ByteString, parts: readonly Value[]): Value {
  // All parts are joined before the path is made canonical: `./a${"/.."}` means the parent.
  let text = base;
  for (const part of parts) {
    const string = coerceToString(evaluation, part, { copyToStore: false });
    if (typeof string !== "string") {
      throw evalError("eval-error", "a string that refers to a store path cannot be appended to a path");
    }
    text += string;
  }
  return addToPath(evaluation, text, "");
}

function undefinedVariable(name: ByteString, scopes: readonly Lazy[]): never {
  const names = scopes.flatMap((scope) => [...forceAttrs(scope).names()]);
  throw evalError("undefined-variable", `undefined variable '${name}'`, { hint: suggest(name, names) });
}

function lookUpWith(scopes: readonly Lazy[], name: ByteString): Value {
  for (const scope of scopes) {
    const found = forceAttrs(scope).get(name);
    if (found !== undefined) return force(found);
  }
  return undefinedVariable(name, scopes);
}

/** Looks no further than what is evaluated already. */
function findWith(scopes: readonly Lazy[], name: ByteString): Lazy | undefined {
  for (const scope of scopes) {
    const attrs = known(scope);
    if (attrs === undefined) return undefined;
    const found = attrs.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findPath(subject: Lazy, names: readonly ByteString[]): Lazy | undefined {
  let current: Lazy | undefined = subject;
  for (const name of names) {
    current = known(current)?.get(name);
    if (current === undefined) return undefined;
  }
  return current;
}

/** The set that a lazy value is already known to be. */
function known(lazy: Lazy): Attrs | undefined {
  const value = lazy instanceof Thunk && lazy.code === forced ? lazy.a : lazy;
  return value instanceof Attrs ? value : undefined;
}

/** A reference inside of a recursive set with `__overrides`. */
function runStandIn(thunk: Thunk): Value {
  return select((thunk.a as { readonly attrs: Attrs }).attrs, thunk.b as ByteString);
}

function applyOverrides(set: Attrs): Attrs {
  return update(set, forceAttrs(set.get("__overrides") as Lazy));
}

/** A set whose dynamic attributes are being added. */
interface DynamicSet {
  readonly set: Attrs;
  readonly names: ByteString[];
  readonly values: Lazy[];
  readonly positions: number[];
}

interface DynamicAttr {
  readonly name: Value;
  readonly value: Lazy;
  readonly position: number;
}

function addDynamic(evaluation: Evaluation, builder: DynamicSet, attr: DynamicAttr): void {
  // A name that is null leaves the attribute out.
  if (attr.name === null) return;
  const name = forceStringNoContext(attr.name);
  const index = builder.names.indexOf(name);
  if (index >= 0 || builder.set.has(name)) {
    const packed = index >= 0 ? builder.positions[index] : builder.set.positionOf(name);
    throw evalError(
      "eval-error",
      `dynamic attribute '${name}' already defined at ${showPosition(evaluation, packed)}`,
    );
  }
  builder.names.push(name);
  builder.values.push(attr.value);
  builder.positions.push(attr.position);
}

function showPosition(evaluation: Evaluation, packed: number | undefined): string {
  return evaluation.showPosition(packed);
}

function finishDynamic({ set, names, values, positions }: DynamicSet): Attrs {
  if (names.length === 0) return set;
  return update(set, Attrs.build(names, values, { positions }));
}
