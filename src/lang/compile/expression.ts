/**
 * Expressions where their value is wanted now. `value` answers a JavaScript expression, having emitted the
 * statements it needs into the frame's block; `tail` emits statements that return the value.
 */
import type { Apply, Assert, Expr, StringTemplate, Var } from "../syntax/ast.ts";
import { emitAttrs, emitLet } from "./bindings.ts";
import { type Frame, quote } from "./frame.ts";
import { lambdaExpression } from "./lambda.ts";
import { lazy, lazyVar, listLiteral, literal } from "./lazy.ts";
import { binary, condition, conditional, emitIf } from "./operators.ts";
import { inOrder, isAtom, named, parenthesised } from "./order.ts";
import { hasAttr, select } from "./selection.ts";

/** Emits code that returns the value from the frame's function. */
export function tail(frame: Frame, expr: Expr): void {
  switch (expr.kind) {
    case "if":
      emitIf(frame, expr, (branch) => tail(frame, branch));
      return;
    case "let":
      emitLet(frame, expr.bindings);
      tail(frame, expr.body);
      return;
    case "with":
      emitWith(frame, expr, expr.subject);
      tail(frame, expr.body);
      return;
    case "assert":
      emitAssert(frame, expr);
      tail(frame, expr.body);
      return;
    default:
      emitReturn(frame, value(frame, expr));
  }
}

export function emitReturn(frame: Frame, js: string): void {
  if (!frame.countsDepth) frame.emit(`return ${js};`);
  else if (isAtom(js)) frame.emit(`D.depth--;return ${js};`);
  else {
    const result = frame.unit.fresh("r");
    frame.emit(`const ${result}=${js};D.depth--;return ${result};`);
  }
}

/** A JavaScript expression for the value of `expr`. */
export function value(frame: Frame, expr: Expr): string {
  if ("rebound" in expr && expr.rebound !== undefined) return value(frame, expr.rebound);
  switch (expr.kind) {
    case "int":
    case "float":
    case "string":
    case "path":
      return literal(frame, expr);
    case "template":
      return template(frame, expr);
    case "path-template": {
      const parts = inOrder(
        frame,
        expr.parts.slice(1).map((part) => () => value(frame, part)),
      );
      return `${frame.unit.mark(expr.start)}PATH(${quote(expr.parts[0].value)},[${parts.join(",")}])`;
    }
    case "search-path":
      return `${frame.unit.mark(expr.start)}FIND(${quote(expr.value)})`;
    case "var":
      return variable(frame, expr);
    case "select":
      return select(frame, expr);
    case "has-attr":
      return hasAttr(frame, expr);
    case "apply":
      return apply(frame, expr);
    case "lambda":
      return lambdaExpression(frame, expr);
    case "attrs":
      return emitAttrs(frame, expr);
    case "let":
      emitLet(frame, expr.bindings);
      return value(frame, expr.body);
    case "list":
      return listLiteral(frame, expr);
    case "with":
      emitWith(frame, expr, expr.subject);
      return value(frame, expr.body);
    case "assert":
      emitAssert(frame, expr);
      return value(frame, expr.body);
    case "if":
      return conditional(frame, expr);
    case "not":
      return `!${parenthesised(condition(frame, expr.operand))}`;
    case "negate":
      return `${frame.unit.mark(expr.start)}NEG(${value(frame, expr.operand)})`;
    case "binary":
      return binary(frame, expr);
    case "current-position":
      return `POS(${expr.start})`;
  }
}

function variable(frame: Frame, expr: Var): string {
  const ref = expr.ref;
  if (ref?.kind === "local") {
    const local = frame.lookup(ref.binder);
    if (local.forced) return local.js;
    const name = frame.unit.fresh("f");
    frame.emit(`const ${name}=${frame.unit.mark(expr.start)}F(${local.js});`);
    frame.block.setForced(ref.binder, { js: name, forced: true });
    return name;
  }
  if (ref?.kind === "with") {
    const scopes = ref.withs.map((scope) => frame.lookup(scope).js);
    const helper = scopes.length === 1 ? `WITH1(${scopes[0]},` : `WITHN([${scopes.join(",")}],`;
    return `${frame.unit.mark(expr.start)}${helper}${quote(expr.name)})`;
  }
  const js = lazyVar(frame, expr);
  return isAtom(js) && js !== "undefined" ? js : `${frame.unit.mark(expr.start)}F(${js})`;
}

function template(frame: Frame, expr: StringTemplate): string {
  const parts = inOrder(
    frame,
    expr.parts.map((part) => () => {
      if (part.kind === "string") return quote(part.value);
      return `${frame.unit.mark(part.start)}STR(${value(frame, part)})`;
    }),
  );
  return parts.length === 1 ? (parts[0] as string) : `CAT([${parts.join(",")}])`;
}

function apply(frame: Frame, expr: Apply): string {
  const call = plainApply(frame, expr);
  return frame.unit.options.tracedCalls ? `TRACED(${expr.start},()=>${call})` : call;
}

function plainApply(frame: Frame, expr: Apply): string {
  const { unit } = frame;
  if (expr.fn.kind === "var" && expr.fn.ref?.kind === "local") {
    const { known, js } = frame.lookup(expr.fn.ref.binder);
    if (known !== undefined && expr.args.length >= known.arity) {
      const args = expr.args.map((arg) => lazy(frame, arg));
      const direct = `${unit.mark(expr.start)}${known.fn}(${[js, ...args.slice(0, known.arity)].join(",")})`;
      return callWith(frame, expr, direct, args.slice(known.arity));
    }
  }
  const fn = value(frame, expr.fn);
  const args = expr.args.map((arg) => lazy(frame, arg));
  return callWith(frame, expr, fn, args);
}

export function callWith(frame: Frame, expr: Expr, fn: string, args: readonly string[]): string {
  const mark = frame.unit.mark(expr.start);
  switch (args.length) {
    case 0:
      return fn;
    case 1:
      return `${mark}CALL(${fn},${args[0]})`;
    case 2:
      return `${mark}CALL2(${fn},${args[0]},${args[1]})`;
    case 3:
      return `${mark}CALL3(${fn},${args[0]},${args[1]},${args[2]})`;
    default:
      return `${mark}CALLN(${fn},[${args.join(",")}])`;
  }
}

export function emitWith(frame: Frame, key: object, subject: Expr): void {
  const js = lazy(frame, subject);
  const name = isAtom(js) ? js : frame.unit.fresh("w");
  if (name !== js) frame.emit(`const ${name}=${js};`);
  frame.define(key, { js: name, forced: false });
}

function emitAssert(frame: Frame, expr: Assert): void {
  const { unit } = frame;
  if (expr.condition.kind === "binary" && expr.condition.op === "==") {
    // The two sides are kept, to tell how they differ.
    const { left, right, operator } = expr.condition;
    const operands = inOrder(frame, [() => value(frame, left), () => value(frame, right)]);
    const [a, b] = operands.map((js) => named(frame, js));
    frame.emit(
      `if(!${unit.mark(operator)}EQ(${a},${b}))${unit.mark(expr.start)}UNEQUAL(${a},${b},${expr.start});`,
    );
    return;
  }
  const test = condition(frame, expr.condition);
  if (test === "true") return;
  frame.emit(`if(!${parenthesised(test)})${unit.mark(expr.start)}FAIL(${expr.start});`);
}
