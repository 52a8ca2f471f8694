/**
 * Lambdas. `a: b: c: body` becomes one function of three arguments. A set of formals is matched by shape: which
 * slot each formal takes is found once for a shape of argument sets and remembered in the lambda's code.
 */
import type { Binder, Expr, Formal, Lambda } from "../syntax/ast.ts";
import { tail } from "./expression.ts";
import { type Capture, captureArguments, captureField, Frame, type KnownLambda, quote } from "./frame.ts";
import { mentioned } from "./free-names.ts";
import { isTotalSet, lazy, thunkParts } from "./lazy.ts";
import { isAtom } from "./order.ts";

const MAX_ARITY = 4;

export interface LambdaParts {
  /** An expression for the `LambdaCode`. */
  readonly code: string;
  readonly captures: readonly Capture[];
}

/** The lambdas that one function runs, outermost first: all but the last have a plain parameter. */
function chain(expr: Lambda): Lambda[] {
  const lambdas = [expr];
  for (let last = expr; last.formals === undefined && lambdas.length < MAX_ARITY; ) {
    if (last.body.kind !== "lambda") break;
    last = last.body;
    lambdas.push(last);
  }
  return lambdas;
}

/** What callers may know of a lambda before it is compiled. */
export function announceLambda(frame: Frame, expr: Lambda): KnownLambda {
  return { fn: frame.unit.fresh("L"), arity: chain(expr).length };
}

export function lambdaExpression(frame: Frame, expr: Lambda): string {
  const { code, captures } = lambdaParts(frame, expr, announceLambda(frame, expr));
  const js = `new Lambda(${code},${captureArguments(captures.map((capture) => capture.outer.js))})`;
  return captures.length === 0 ? frame.unit.hoist(js) : js;
}

/** Compiles the function of a lambda. `selfKey` is a variable that the lambda itself is bound to. */
export function lambdaParts(frame: Frame, expr: Lambda, known: KnownLambda, selfKey?: object): LambdaParts {
  const { unit } = frame;
  const lambdas = chain(expr);
  const last = lambdas.at(-1) as Lambda;
  const inner = new Frame(unit, frame, "l");
  if (selfKey !== undefined) inner.define(selfKey, { js: "l", forced: true, known });
  const parameters = lambdas.map((lambda) => {
    const js = unit.fresh("p");
    if (lambda.param !== undefined) inner.define(lambda.param, { js, forced: false });
    return js;
  });
  inner.countsDepth = last.formals !== undefined || !isTotal(last.body);
  if (inner.countsDepth) inner.emit("if(++D.depth>D.limit)OVER();");
  if (last.formals !== undefined) emitFormals(inner, last, parameters.at(-1) as string);
  tail(inner, last.body);
  unit.functions.push(
    `function ${known.fn}(l,${parameters.join(",")}){${inner.prologue()}${inner.block.lines.join("")}}`,
  );
  return { code: unit.hoist(lambdaCode(known, lambdas)), captures: inner.captures };
}

/** Evaluating the body calls nothing. */
function isTotal(body: Expr): boolean {
  if (body.kind === "attrs") return isTotalSet(body);
  return body.kind === "list" || body.kind === "lambda" || body.kind === "string" || body.kind === "int";
}

function lambdaCode(known: KnownLambda, lambdas: readonly Lambda[]): string {
  const [first] = lambdas;
  const last = lambdas.at(-1);
  const parts = [
    known.fn,
    String(known.arity),
    first?.name === undefined ? "undefined" : quote(first.name),
    `[${lambdas.map((lambda) => lambda.start).join(",")}]`,
    first?.doc === undefined ? "undefined" : `{start:${first.doc.start},end:${first.doc.end}}`,
  ];
  if (last?.formals !== undefined) {
    const formals = last.formals.list.map(
      ({ binder, fallback }) => `[${quote(binder.name)},${fallback === undefined ? 0 : 1},${binder.start}]`,
    );
    parts.push(`[${formals.join(",")}]`, String(last.formals.ellipsis));
  }
  return `CODE(${parts.join(",")})`;
}

/** Binds the formals from the argument set, and defaults where it lacks them. */
function emitFormals(frame: Frame, lambda: Lambda, parameter: string): void {
  const { unit } = frame;
  const list = lambda.formals?.list ?? [];
  const set = unit.fresh("m");
  frame.emit(`const ${set}=${unit.mark(lambda.start)}ARGS(${parameter});`);
  if (lambda.param !== undefined) frame.define(lambda.param, { js: set, forced: true });
  if (list.length === 0 && lambda.formals?.ellipsis) return;
  const found = unit.fresh("i");
  frame.emit(`const ${found}=${unit.mark(lambda.start)}MATCH(l.code,${set}),${found}s=${set}.slots;`);
  const slots = list.map((formal, i) => ({
    formal,
    js: unit.fresh("v"),
    index: `${found}[${i}]`,
    slots: `${found}s`,
  }));
  for (const { formal, js, index, slots: from } of slots) {
    frame.define(formal.binder, { js, forced: false });
    if (formal.fallback === undefined) frame.emit(`const ${js}=${from}[${index}];`);
  }
  emitDefaults(
    frame,
    slots.filter(({ formal }) => formal.fallback !== undefined),
  );
}

interface FormalSlot {
  readonly formal: Formal;
  readonly js: string;
  readonly index: string;
  readonly slots: string;
}

/**
 * Defaults may mention each other, in any order and in circles. Those that can be are made in order; the others
 * are thunks whose captured values are filled in once all exist.
 */
function emitDefaults(frame: Frame, defaults: readonly FormalSlot[]): void {
  const waiting = new Map<Binder, FormalSlot>(defaults.map((slot) => [slot.formal.binder, slot]));
  for (let progress = true; progress; ) {
    progress = false;
    for (const slot of waiting.values()) {
      const { formal, js, index, slots } = slot;
      if (mentioned(formal.fallback as Expr, new Set(waiting.keys())).size > 0) continue;
      frame.emit(`const ${js}=${index}<0?${lazy(frame, formal.fallback as Expr)}:${slots}[${index}];`);
      waiting.delete(formal.binder);
      progress = true;
    }
  }
  const circular = [...waiting.values()];
  if (circular.length === 0) return;
  frame.emit(
    `let ${circular.map(({ js, index, slots }) => `${js}=${index}<0?undefined:${slots}[${index}]`).join(",")};`,
  );
  const patches: string[] = [];
  for (const { formal, js, index } of circular) {
    const { fn, captures } = thunkParts(frame, formal.fallback as Expr, formal.binder);
    frame.emit(
      `if(${index}<0)${js}=new Thunk(${fn},${captureArguments(captures.map(({ outer }) => outer.js))});`,
    );
    captures.forEach(({ key, outer }, i) => {
      if (waiting.has(key as Binder) && isAtom(outer.js)) {
        patches.push(`if(${index}<0)${js}.${captureField(i, captures.length)}=${outer.js};`);
      }
    });
  }
  frame.emit(patches.join(""));
}
