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
  Thunk,
  throwStackOverflow,
  typeError,
  update,
  type Value,
} from "../runtime/mod.ts";
import { addDynamic, type DynamicSet, finishDynamic } from "./dynamic-set.ts";
import { expectAttrs, lookUp, lookUpWith, select, undefinedVariable } from "./lookups.ts";
import { createThunkCodes } from "./shared-thunks.ts";

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
    TRACED: (offset: number, work: () => Value): Value => tracedCall(evaluation, place(offset), work),
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

function expectBool(value: Value): boolean {
  if (value === true || value === false) return value;
  throw typeError(`expected a Boolean but found ${showType(value)}: ${printForError(value)}`);
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

/** A reference inside of a recursive set with `__overrides`. */
function runStandIn(thunk: Thunk): Value {
  return select((thunk.a as { readonly attrs: Attrs }).attrs, thunk.b as ByteString);
}

function applyOverrides(set: Attrs): Attrs {
  return update(set, forceAttrs(set.get("__overrides") as Lazy));
}

/** Says when a call begins and ends, whichever way it ends. Times are in nanoseconds since the epoch. */
function tracedCall(evaluation: Evaluation, position: number, work: () => Value): Value {
  const say = (event: string): void => {
    const nanoseconds = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
    const text = `function-trace ${event} ${evaluation.showPosition(position)} at ${nanoseconds}`;
    evaluation.host.message("note", text);
  };
  say("entered");
  try {
    return work();
  } finally {
    say("exited");
  }
}
