/** `a.b`, `a.b or c`, `a ? b`. */
import type { AttrName, Expr, HasAttr, Select } from "../syntax/ast.ts";
import { value } from "./expression.ts";
import { type Frame, quote } from "./frame.ts";
import { inOrder } from "./order.ts";

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

export function select(frame: Frame, expr: Select): string {
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

export function hasAttr(frame: Frame, expr: HasAttr): string {
  return `(${emitLookup(frame, expr)}!==undefined)`;
}
