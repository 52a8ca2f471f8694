/**
 * Expressions where their value is wanted now. `value` answers a JavaScript expression, having emitted the
 * statements it needs into the frame's block; `tail` emits statements that return the value.
 *
 * JavaScript evaluates operands from left to right, but statements run before the expression that they are for.
 * So where a later operand emits statements, `inOrder` moves the earlier ones into constants before them.
 */
import type {
  Apply,
  Assert,
  AttrName,
  Binary,
  Expr,
  HasAttr,
  If,
  Select,
  StringTemplate,
  Var,
} from "../syntax/ast.ts";
import { emitAttrs, emitLet } from "./bindings.ts";
import { type Frame, quote } from "./frame.ts";
import { lambdaExpression } from "./lambda.ts";
import { lazy, lazyVar, listLiteral, literal } from "./lazy.ts";

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

/** Whether an expression's value is surely a Boolean. */
function isBoolean(expr: Expr): boolean {
  if ("rebound" in expr && expr.rebound !== undefined) return false;
  if (expr.kind === "not" || expr.kind === "has-attr") return true;
  return expr.kind === "binary" && BOOLEAN_OPERATORS.has(expr.op);
}
const BOOLEAN_OPERATORS = new Set(["==", "!=", "<", "<=", ">", ">=", "&&", "||", "->"]);

/** A JavaScript Boolean for what must be one in Nix. */
export function condition(frame: Frame, expr: Expr): string {
  const js = value(frame, expr);
  return isBoolean(expr) || js === "true" || js === "false"
    ? js
    : `${frame.unit.mark(expr.start)}BOOL(${js})`;
}

/** Compiles operands such that they are evaluated in this order. */
export function inOrder(frame: Frame, operands: readonly (() => string)[]): string[] {
  const results: string[] = [];
  for (const operand of operands) {
    const { lines } = frame.block;
    const before = lines.length;
    const js = operand();
    if (lines.length > before) {
      const spills: string[] = [];
      for (let i = 0; i < results.length; i++) {
        const earlier = results[i] as string;
        if (isAtom(earlier)) continue;
        const name = frame.unit.fresh("s");
        spills.push(`const ${name}=${earlier};`);
        results[i] = name;
      }
      lines.splice(before, 0, ...spills);
    }
    results.push(js);
  }
  return results;
}

/** An identifier or a short literal: may be repeated and moved. */
export function isAtom(js: string): boolean {
  return /^(?:[A-Za-z_]\w*|-?\d{1,15}|"(?:[^"\\]|\\.)*")$/.test(js);
}

/** Gives a value a name, unless it has one. */
export function named(frame: Frame, js: string): string {
  if (isAtom(js)) return js;
  const name = frame.unit.fresh("s");
  frame.emit(`const ${name}=${js};`);
  return name;
}

function parenthesised(js: string): string {
  return isAtom(js) ? js : `(${js})`;
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

function attrName(frame: Frame, name: AttrName): string {
  if (name.kind === "static") return quote(name.name);
  return `${frame.unit.mark(name.start)}NAME(${value(frame, name.expr)})`;
}

/** `builtins.x`, of the global `builtins`. */
export function builtinName(frame: Frame, expr: Select): string | undefined {
  const [name] = expr.path;
  const isBuiltins =
    expr.subject.kind === "var" && expr.subject.ref?.kind === "global" && expr.subject.name === "builtins";
  if (!isBuiltins || frame.unit.options.scopeNames.has("builtins") || expr.path.length !== 1)
    return undefined;
  if (name?.kind !== "static" || !frame.unit.options.builtinNames.has(name.name)) return undefined;
  return name.name;
}

function select(frame: Frame, expr: Select): string {
  const { unit } = frame;
  const builtin = builtinName(frame, expr);
  if (builtin !== undefined) return `F(${unit.hoist(`BUILTIN(${quote(builtin)})`)})`;
  if (expr.fallback !== undefined) return selectOr(frame, expr, expr.fallback);
  let js = value(frame, expr.subject);
  for (const name of expr.path) {
    const [subject, key] = inOrder(frame, [() => js, () => attrName(frame, name)]);
    js = `${unit.mark(expr.start)}SEL(${subject},${key})`;
  }
  return js;
}

/**
 * Looks the path up step by step into a variable that ends as a lazy value, or undefined where a step finds no
 * set or no such attribute. Nested blocks keep later names from being evaluated after a miss.
 */
function emitLookup(frame: Frame, expr: Select | HasAttr): string {
  const { unit } = frame;
  const found = unit.fresh("q");
  const subject = value(frame, expr.subject);
  frame.emit(`let ${found};`);
  const step = (index: number, subjectJs: string): void => {
    const name = expr.path[index] as AttrName;
    const [holder, key] = inOrder(frame, [() => subjectJs, () => attrName(frame, name)]);
    frame.emit(`${found}=GET(${holder},${key});`);
    if (index + 1 === expr.path.length) return;
    const { lines } = frame.inBlock(() => step(index + 1, `${unit.mark(expr.start)}F(${found})`));
    frame.emit(`if(${found}!==undefined){${lines.join("")}}`);
  };
  step(0, subject);
  return found;
}

function selectOr(frame: Frame, expr: Select, fallback: Expr): string {
  const { unit } = frame;
  const found = emitLookup(frame, expr);
  const { lines, result } = frame.inBlock(() => value(frame, fallback));
  if (lines.length === 0) return `(${found}===undefined?${result}:${unit.mark(expr.start)}F(${found}))`;
  frame.emit(
    `if(${found}===undefined){${lines.join("")}${found}=${result};}else ${found}=${unit.mark(expr.start)}F(${found});`,
  );
  return found;
}

function hasAttr(frame: Frame, expr: HasAttr): string {
  return `(${emitLookup(frame, expr)}!==undefined)`;
}

function apply(frame: Frame, expr: Apply): string {
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

function callWith(frame: Frame, expr: Expr, fn: string, args: readonly string[]): string {
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

function emitIf(frame: Frame, expr: If, branch: (expr: Expr) => void): void {
  const test = condition(frame, expr.condition);
  const then = frame.inBlock(() => branch(expr.then));
  const otherwise = frame.inBlock(() => branch(expr.otherwise));
  frame.emit(`if(${test}){${then.lines.join("")}}else{${otherwise.lines.join("")}}`);
}

function conditional(frame: Frame, expr: If): string {
  const test = condition(frame, expr.condition);
  const then = frame.inBlock(() => value(frame, expr.then));
  const otherwise = frame.inBlock(() => value(frame, expr.otherwise));
  if (then.lines.length === 0 && otherwise.lines.length === 0) {
    return `(${test}?${then.result}:${otherwise.result})`;
  }
  const name = frame.unit.fresh("s");
  frame.emit(
    `let ${name};if(${test}){${then.lines.join("")}${name}=${then.result};}else{${otherwise.lines.join("")}${name}=${otherwise.result};}`,
  );
  return name;
}

const HELPERS: Readonly<Record<string, string>> = {
  "==": "EQ",
  "<": "LT",
  "//": "UPD",
  "++": "CONCAT",
  "+": "ADD",
  "-": "SUB",
  "*": "MUL",
  "/": "DIV",
};

function binary(frame: Frame, expr: Binary): string {
  const { op, left, right } = expr;
  switch (op) {
    case "&&":
    case "||":
    case "->":
      return logical(frame, op, left, right);
    case "|>":
      return callWith(frame, expr, value(frame, right), [lazy(frame, left)]);
    case "<|":
      return callWith(frame, expr, value(frame, left), [lazy(frame, right)]);
    case "!=":
      return `!${operation(frame, expr, "EQ", left, right)}`;
    // Nix has `<` alone, and evaluates the operands in the order in which it gets them.
    case ">":
      return operation(frame, expr, "LT", right, left);
    case "<=":
      return `!${operation(frame, expr, "LT", right, left)}`;
    case ">=":
      return `!${operation(frame, expr, "LT", left, right)}`;
    case "//": {
      // The right side is evaluated first.
      const [rightJs, leftJs] = inOrder(frame, [() => value(frame, right), () => value(frame, left)]);
      return `${frame.unit.mark(expr.operator)}UPD(${rightJs},${leftJs})`;
    }
    default:
      return operation(frame, expr, HELPERS[op] as string, left, right);
  }
}

function operation(frame: Frame, expr: Binary, helper: string, first: Expr, second: Expr): string {
  const operands = inOrder(frame, [() => value(frame, first), () => value(frame, second)]);
  return `${frame.unit.mark(expr.operator)}${helper}(${operands.join(",")})`;
}

function logical(frame: Frame, op: "&&" | "||" | "->", left: Expr, right: Expr): string {
  const first = condition(frame, left);
  const second = frame.inBlock(() => condition(frame, right));
  const test = op === "->" ? `!${parenthesised(first)}` : first;
  if (second.lines.length === 0) return `(${test}${op === "&&" ? "&&" : "||"}${second.result})`;
  const name = frame.unit.fresh("s");
  const needed = op === "&&" ? name : `!${name}`;
  frame.emit(`let ${name}=${test};if(${needed}){${second.lines.join("")}${name}=${second.result};}`);
  return name;
}
