/**
 * Functions. A lambda is static code plus captured values, like a thunk. Curried lambdas (`a: b: ...`) share one
 * code of that arity, so that a call with all arguments is one JavaScript call; a call with fewer makes a
 * lambda that holds the arguments so far.
 *
 * Depth is counted by whoever runs a body: compiled lambdas in their own code, builtins in `runPrimOp`.
 */
import type { ByteString, Source } from "#base";
import { Attrs } from "./attrs.ts";
import { calls, throwStackOverflow } from "./call-depth.ts";
import { typeError } from "./errors.ts";
import type { Evaluation } from "./evaluation.ts";
import { printForError } from "./print.ts";
import type { Shape } from "./shape.ts";
import { force, Thunk } from "./thunk.ts";
import { showType } from "./type-name.ts";
import type { Lazy, Value } from "./value.ts";

/** Takes the lambda and exactly `arity` arguments. */
export type LambdaRun = (self: Lambda, a: Lazy, b: Lazy, c: Lazy, d: Lazy) => Value;
export const MAX_LAMBDA_ARITY = 4;

export interface FormalInfo {
  readonly name: ByteString;
  readonly optional: boolean;
  /** Byte offset in the code's source. */
  readonly start: number;
}

export interface LambdaCodeOptions {
  readonly run: LambdaRun;
  readonly arity: number;
  readonly name: ByteString | undefined;
  readonly source: Source;
  /** Of the lambda for each parameter. */
  readonly starts: readonly number[];
  /** Of the last parameter: one with formals ends a curried chain. */
  readonly formals?: readonly FormalInfo[] | undefined;
  readonly ellipsis?: boolean;
  /** Offsets of the doc comment in the source. */
  readonly doc?: { readonly start: number; readonly end: number } | undefined;
}

/** What all lambdas of one place in the source share. */
export class LambdaCode {
  readonly run: LambdaRun;
  readonly arity: number;
  readonly options: LambdaCodeOptions;
  /** The last shape of argument sets, and what `matchFormals` found for it. */
  matchedShape: Shape | undefined = undefined;
  matchedSlots: readonly number[] = [];
  // Not `#private`, as in `shape.ts`.
  private restCode: LambdaCode | undefined = undefined;

  constructor(options: LambdaCodeOptions) {
    this.run = options.run;
    this.arity = options.arity;
    this.options = options;
  }

  get name(): ByteString | undefined {
    return this.options.name;
  }
  get source(): Source {
    return this.options.source;
  }
  get start(): number {
    return this.options.starts[0] ?? 0;
  }
  /** Of the lambda that has the last parameter. */
  get lastStart(): number {
    return this.options.starts.at(-1) ?? 0;
  }
  /** Of the next parameter: undefined for a plain name. */
  get formals(): readonly FormalInfo[] | undefined {
    return this.arity === 1 ? this.options.formals : undefined;
  }
  get ellipsis(): boolean {
    return this.arity === 1 && this.options.ellipsis === true;
  }

  /** The code of this lambda with its first argument given: a lambda with the function in `a`, the argument in `b`. */
  get rest(): LambdaCode {
    this.restCode ??= new LambdaCode({
      ...this.options,
      run: restRun(this.arity - 1),
      arity: this.arity - 1,
      starts: this.options.starts.slice(1),
      doc: undefined,
    });
    return this.restCode;
  }
}

export class Lambda {
  readonly code: LambdaCode;
  /** Captured values; of more than three, `c` holds an array. Compiled code ties knots through them. */
  a: unknown;
  b: unknown;
  c: unknown;
  constructor(code: LambdaCode, a: unknown, b: unknown, c: unknown) {
    this.code = code;
    this.a = a;
    this.b = b;
    this.c = c;
  }
}

function restRun(arity: number): LambdaRun {
  switch (arity) {
    case 1:
      return runRest1 as LambdaRun;
    case 2:
      return runRest2 as LambdaRun;
    default:
      return runRest3 as LambdaRun;
  }
}
function runRest1(self: Lambda, x: Lazy): Value {
  const fn = self.a as Lambda;
  return (fn.code.run as (self: Lambda, a: Lazy, b: Lazy) => Value)(fn, self.b as Lazy, x);
}
function runRest2(self: Lambda, x: Lazy, y: Lazy): Value {
  const fn = self.a as Lambda;
  return (fn.code.run as (self: Lambda, a: Lazy, b: Lazy, c: Lazy) => Value)(fn, self.b as Lazy, x, y);
}
function runRest3(self: Lambda, x: Lazy, y: Lazy, z: Lazy): Value {
  const fn = self.a as Lambda;
  return fn.code.run(fn, self.b as Lazy, x, y, z);
}

/** What `src/lang/builtins` registers: static, shared by all evaluations. */
export interface PrimOpDefinition {
  /** As error messages show it, without the leading underscores of global names. */
  readonly name: string;
  readonly arity: number;
  /** The parameters' names, for documentation. */
  readonly args?: readonly string[];
  readonly doc?: string;
  /** Takes exactly `arity` lazy arguments. */
  readonly run: PrimOpRun;
}
// Method syntax would do as well; what matters is that implementations may name fewer parameters.
export type PrimOpRun = (evaluation: Evaluation, ...args: Lazy[]) => Value;

export class PrimOp {
  readonly definition: PrimOpDefinition;
  readonly evaluation: Evaluation;
  readonly arity: number;
  readonly run: PrimOpRun;
  constructor(definition: PrimOpDefinition, evaluation: Evaluation) {
    this.definition = definition;
    this.evaluation = evaluation;
    this.arity = definition.arity;
    this.run = definition.run;
  }
  get name(): string {
    return this.definition.name;
  }
}

/** A builtin with some of its arguments. */
export class PartialPrimOp {
  readonly op: PrimOp;
  readonly args: readonly Lazy[];
  constructor(op: PrimOp, args: readonly Lazy[]) {
    this.op = op;
    this.args = args;
  }
}

export function isFunction(value: Value): value is Lambda | PrimOp | PartialPrimOp {
  return value instanceof Lambda || value instanceof PrimOp || value instanceof PartialPrimOp;
}

/** A function, or a set with `__functor`. */
export function isCallable(value: Value): boolean {
  return isFunction(value) || (value instanceof Attrs && value.has("__functor"));
}

type Run1 = (self: Lambda, a: Lazy) => Value;
type Run2 = (self: Lambda, a: Lazy, b: Lazy) => Value;
type Run3 = (self: Lambda, a: Lazy, b: Lazy, c: Lazy) => Value;

/** Calls a function with one argument. */
export function call(fn: Value, a: Lazy): Value {
  if (fn instanceof Lambda) {
    const code = fn.code;
    if (code.arity === 1) return (code.run as Run1)(fn, a);
    return new Lambda(code.rest, fn, a, undefined);
  }
  return callOther(fn, a);
}

export function call2(fn: Value, a: Lazy, b: Lazy): Value {
  if (fn instanceof Lambda) {
    const code = fn.code;
    if (code.arity === 2) return (code.run as Run2)(fn, a, b);
  } else if (fn instanceof PrimOp && fn.arity === 2) {
    if (++calls.depth > calls.limit) throwStackOverflow();
    const result = fn.run(fn.evaluation, a, b);
    calls.depth--;
    return result;
  }
  return call(call(fn, a), b);
}

export function call3(fn: Value, a: Lazy, b: Lazy, c: Lazy): Value {
  if (fn instanceof Lambda) {
    const code = fn.code;
    if (code.arity === 3) return (code.run as Run3)(fn, a, b, c);
  } else if (fn instanceof PrimOp && fn.arity === 3) {
    if (++calls.depth > calls.limit) throwStackOverflow();
    const result = fn.run(fn.evaluation, a, b, c);
    calls.depth--;
    return result;
  }
  return call2(call(fn, a), b, c);
}

/** Calls with any number of arguments. */
export function callMany(fn: Value, args: readonly Lazy[]): Value {
  if (fn instanceof Lambda && fn.code.arity === 4 && args.length === 4) {
    return fn.code.run(fn, args[0] as Lazy, args[1] as Lazy, args[2] as Lazy, args[3] as Lazy);
  }
  let result = fn;
  let i = 0;
  for (; i + 3 <= args.length; i += 3) {
    result = call3(result, args[i] as Lazy, args[i + 1] as Lazy, args[i + 2] as Lazy);
  }
  for (; i < args.length; i++) result = call(result, args[i] as Lazy);
  return result;
}

function callOther(fn: Value, a: Lazy): Value {
  if (fn instanceof PrimOp) {
    if (fn.arity !== 1) return new PartialPrimOp(fn, [a]);
    if (++calls.depth > calls.limit) throwStackOverflow();
    const result = fn.run(fn.evaluation, a);
    calls.depth--;
    return result;
  }
  if (fn instanceof PartialPrimOp) {
    return callPartial(fn, a);
  }
  if (fn instanceof Attrs) {
    const functor = fn.get("__functor");
    if (functor !== undefined) return callFunctor(functor, fn, a);
  }
  throw typeError(
    `attempt to call something which is not a function but ${showType(fn)}: ${printForError(fn)}`,
  );
}

function callFunctor(functor: Lazy, self: Attrs, a: Lazy): Value {
  if (++calls.depth > calls.limit) throwStackOverflow();
  const result = call2(force(functor), self, a);
  calls.depth--;
  return result;
}

function callPartial({ op, args }: PartialPrimOp, a: Lazy): Value {
  if (args.length + 1 < op.arity) return new PartialPrimOp(op, [...args, a]);
  if (++calls.depth > calls.limit) throwStackOverflow();
  const [first, second] = args as readonly [Lazy, ...Lazy[]];
  let result: Value;
  if (args.length === 1) result = op.run(op.evaluation, first, a);
  else if (args.length === 2) result = op.run(op.evaluation, first, second as Lazy, a);
  else result = op.run(op.evaluation, ...args, a);
  calls.depth--;
  return result;
}

/** `fn arg`, evaluated when it is needed. */
export function applyLater(fn: Lazy, a: Lazy): Thunk {
  return new Thunk(runApply, fn, a, undefined);
}
/** `fn a b`, evaluated when it is needed. */
export function applyLater2(fn: Lazy, a: Lazy, b: Lazy): Thunk {
  return new Thunk(runApply2, fn, a, b);
}

function runApply(thunk: Thunk): Value {
  return call(force(thunk.a as Lazy), thunk.b as Lazy);
}
function runApply2(thunk: Thunk): Value {
  return call2(force(thunk.a as Lazy), thunk.b as Lazy, thunk.c as Lazy);
}
