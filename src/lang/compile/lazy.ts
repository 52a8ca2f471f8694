/**
 * Expressions whose value may never be wanted. `lazy` answers a JavaScript expression that allocates at most: it
 * emits no statement and cannot fail, so it may stand anywhere.
 *
 * What is cheap and total is made at once, a thunk for the rest. Some thunks need no code of their own: those
 * of a call or a selection whose parts are variables.
 */
import type { Apply, Attr, AttrSet, Binary, Binder, Expr, List, Select, Var } from "../syntax/ast.ts";
import { tail } from "./expression.ts";
import { type Capture, captureArguments, Frame, quote } from "./frame.ts";
import { lambdaExpression } from "./lambda.ts";
import { isAtom } from "./order.ts";
import { builtinName } from "./selection.ts";

/** A JavaScript expression for a lazy value of `expr`. */
export function lazy(frame: Frame, expr: Expr): string {
  if ("rebound" in expr && expr.rebound !== undefined) return lazy(frame, expr.rebound);
  const { eager } = frame.unit.options;
  switch (expr.kind) {
    case "int":
    case "float":
    case "string":
    case "path":
      return literal(frame, expr);
    case "var":
      return lazyVar(frame, expr);
    case "list":
      return eager || expr.items.length === 0 ? listLiteral(frame, expr) : thunk(frame, expr);
    case "lambda":
      return eager ? lambdaExpression(frame, expr) : thunk(frame, expr);
    case "attrs":
      return eager && isTotalSet(expr) ? attrsLiteral(frame, expr) : thunk(frame, expr);
    case "select":
      return (eager ? lazySelect(frame, expr) : undefined) ?? thunk(frame, expr);
    case "apply":
      return lazyApply(frame, expr) ?? thunk(frame, expr);
    case "binary":
      return (eager ? speculate(frame, expr) : undefined) ?? thunk(frame, expr);
    default:
      return thunk(frame, expr);
  }
}

export interface ThunkParts {
  readonly fn: string;
  readonly captures: readonly Capture[];
}

/** Compiles the function of a thunk. `selfKey` is a variable that the thunk itself is bound to. */
export function thunkParts(frame: Frame, expr: Expr, selfKey?: object): ThunkParts {
  const { unit } = frame;
  const fn = unit.fresh("T");
  const inner = new Frame(unit, frame, "t");
  if (selfKey !== undefined) inner.define(selfKey, { js: "t", forced: false });
  tail(inner, expr);
  unit.functions.push(`function ${fn}(t){${inner.prologue()}${inner.block.lines.join("")}}`);
  return { fn, captures: inner.captures };
}

function thunk(frame: Frame, expr: Expr): string {
  const { fn, captures } = thunkParts(frame, expr);
  const js = `new Thunk(${fn},${captureArguments(captures.map((capture) => capture.outer.js))})`;
  // Without captures all evaluations have the same value, which the unit can keep.
  return captures.length === 0 && frame.unit.options.eager ? frame.unit.hoist(js) : js;
}

export function literal(
  frame: Frame,
  expr: Extract<Expr, { readonly kind: "int" | "float" | "string" | "path" }>,
): string {
  switch (expr.kind) {
    case "int":
      return typeof expr.value === "bigint" ? `${expr.value}n` : String(expr.value);
    case "float":
      return frame.unit.hoist(`new Float(${Number.isFinite(expr.value) ? expr.value : "Infinity"})`);
    case "string":
      return quote(expr.value);
    case "path":
      return frame.unit.hoist(`new Path(${quote(expr.value)})`);
  }
}

const CONSTANTS = new Set(["true", "false", "null"]);

/** A variable as it is, evaluated or not. */
export function lazyVar(frame: Frame, expr: Var): string {
  const ref = expr.ref;
  if (ref?.kind === "local") return frame.lookup(ref.binder).js;
  if (ref?.kind === "with") {
    const scopes = ref.withs.map((scope) => frame.lookup(scope).js);
    const helper = frame.unit.options.eager ? "LAZYWITH" : "THUNKWITH";
    return `${helper}([${scopes.join(",")}],${quote(expr.name)},${expr.start})`;
  }
  if (CONSTANTS.has(expr.name) && !frame.unit.options.scopeNames.has(expr.name)) return expr.name;
  return frame.unit.hoist(`GLOBAL(${quote(expr.name)})`);
}

export function listLiteral(frame: Frame, expr: List): string {
  return `[${expr.items.map((item) => lazy(frame, item)).join(",")}]`;
}

/** Whether making the set evaluates nothing. */
export function isTotalSet(expr: AttrSet): boolean {
  const { bindings, recursive } = expr;
  return !recursive && bindings.dynamic.length === 0 && bindings.inheritFrom.every(isSimpleSubject);
}

/** Repeating it for each inherited attribute costs nothing. */
function isSimpleSubject(expr: Expr): boolean {
  if (expr.kind === "var") return true;
  return expr.kind === "select" && isPlainPath(expr) && expr.subject.kind === "var";
}

function isPlainPath(expr: Select): boolean {
  return expr.fallback === undefined && expr.path.every((name) => name.kind === "static");
}

/** A set for which `isTotalSet` holds. */
export function attrsLiteral(frame: Frame, expr: AttrSet): string {
  const { attrs, inheritFrom } = expr.bindings;
  return shapedSet(frame, attrs, (attr) => {
    switch (attr.value.kind) {
      case "plain":
        return lazy(frame, attr.value.expr);
      case "inherit":
        return lazyVar(frame, attr.value.variable);
      case "inherit-from":
        return selectLater(frame, lazy(frame, inheritFrom[attr.value.from] as Expr), attr.binder);
    }
  });
}

/** A set of these attributes, with a shape that is made once for the place in the source. */
export function shapedSet(frame: Frame, attrs: readonly Attr[], slot: (attr: Attr) => string): string {
  if (attrs.length === 0) return "EMPTY";
  const sorted = [...attrs].sort((a, b) => (a.binder.name < b.binder.name ? -1 : 1));
  const names = sorted.map((attr) => quote(attr.binder.name));
  const offsets = sorted.map((attr) => attr.binder.start);
  const shape = frame.unit.hoist(`SHAPE([${names.join(",")}],[${offsets.join(",")}])`);
  // In the order of the names: what a slot's expression allocates is independent of the others.
  return `new Attrs(${shape},[${sorted.map(slot).join(",")}],undefined)`;
}

/** `inherit (subject) binder`, where the subject is lazy. */
export function selectLater(frame: Frame, subject: string, binder: Binder): string {
  const rest = `${subject},${quote(binder.name)},${binder.start}`;
  return frame.unit.options.eager ? `LAZYSEL(${rest})` : `new Thunk(SELECTED,${rest})`;
}

/** A plain path into a variable: what is evaluated already is looked into at once. */
function lazySelect(frame: Frame, expr: Select): string | undefined {
  const builtin = builtinName(frame, expr);
  if (builtin !== undefined) return frame.unit.hoist(`BUILTIN(${quote(builtin)})`);
  if (expr.subject.kind !== "var" || !isPlainPath(expr)) return undefined;
  const subject = lazyVar(frame, expr.subject);
  const names = expr.path.map((name) => (name.kind === "static" ? quote(name.name) : ""));
  if (names.length === 1) return `LAZYSEL(${subject},${names[0]},${expr.start})`;
  return `LAZYPATH(${subject},${frame.unit.hoist(`[${names.join(",")}]`)},${expr.start})`;
}

/** A call of a variable with a variable or literal: the parts say all. */
function lazyApply(frame: Frame, expr: Apply): string | undefined {
  const [arg, ...others] = expr.args;
  if (frame.unit.options.tracedCalls) return undefined;
  if (arg === undefined || others.length > 0 || !isSimple(expr.fn) || !isSimple(arg)) return undefined;
  return `new Thunk(APPLY1,${lazy(frame, expr.fn)},${lazy(frame, arg)},${expr.start})`;
}

function isSimple(expr: Expr): boolean {
  if (expr.kind === "int" || expr.kind === "string") return true;
  return expr.kind === "var" && expr.ref?.kind !== "with";
}

const SPECULATIVE: Readonly<Record<string, number>> = { "+": 2 ** 52 - 1, "-": 2 ** 52 - 1, "*": 2 ** 26 };

/**
 * Arithmetic on variables that happen to be small integers costs less than a thunk for it, and cannot fail:
 * loop counters never become chains of thunks.
 */
function speculate(frame: Frame, expr: Binary): string | undefined {
  const bound = SPECULATIVE[expr.op];
  if (bound === undefined) return undefined;
  const operands = [expr.left, expr.right];
  const isCandidate = operands.every(
    (operand) =>
      (operand.kind === "int" && typeof operand.value === "number" && operand.value < 2 ** 26) ||
      (operand.kind === "var" && operand.ref?.kind === "local"),
  );
  if (!isCandidate) return undefined;
  const parts = operands.map((operand) => lazy(frame, operand));
  if (!parts.every(isAtom)) return undefined;
  const tests = parts
    .filter((_, i) => operands[i]?.kind === "var")
    .map((js) => `typeof ${js}==="number"&&${js}<${bound}&&${js}>-${bound}`);
  if (tests.length === 0) return undefined;
  const sum = `${parts[0]}${expr.op}${parts[1]}`;
  return `(${tests.join("&&")}?${expr.op === "*" ? `${sum}+0` : sum}:${thunk(frame, expr)})`;
}
