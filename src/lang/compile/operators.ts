/** Operators, and what takes a Boolean. */
import type { Binary, Expr, If } from "../syntax/ast.ts";
import { callWith, value } from "./expression.ts";
import type { Frame } from "./frame.ts";
import { lazy } from "./lazy.ts";
import { inOrder, parenthesised } from "./order.ts";

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

export function emitIf(frame: Frame, expr: If, branch: (expr: Expr) => void): void {
  const test = condition(frame, expr.condition);
  const then = frame.inBlock(() => branch(expr.then));
  const otherwise = frame.inBlock(() => branch(expr.otherwise));
  frame.emit(`if(${test}){${then.lines.join("")}}else{${otherwise.lines.join("")}}`);
}

export function conditional(frame: Frame, expr: If): string {
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

export function binary(frame: Frame, expr: Binary): string {
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
