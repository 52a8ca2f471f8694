/** Which binders of a group an expression mentions. */
import type { Attr, AttrName, Bindings, Expr } from "../syntax/ast.ts";

/** The members of `group` (binders, compared by identity) that `expr` mentions anywhere, nested functions included. */
export function mentioned(expr: Expr, group: ReadonlySet<object>): Set<object> {
  const found = new Set<object>();
  visit(expr, group, found);
  return found;
}

function visit(expr: Expr, group: ReadonlySet<object>, found: Set<object>): void {
  if ("rebound" in expr && expr.rebound !== undefined) {
    visit(expr.rebound, group, found);
    return;
  }
  if (expr.kind === "var") {
    if (expr.ref?.kind === "local" && group.has(expr.ref.binder)) found.add(expr.ref.binder);
    // A `with` that surrounds the group's members can itself be a member.
    else if (expr.ref?.kind === "with")
      for (const scope of expr.ref.withs) if (group.has(scope)) found.add(scope);
    return;
  }
  forEachChild(expr, (child) => visit(child, group, found));
}

/** The direct sub-expressions. */
export function forEachChild(expr: Expr, visitor: (child: Expr) => void): void {
  switch (expr.kind) {
    case "int":
    case "float":
    case "string":
    case "path":
    case "search-path":
    case "var":
    case "current-position":
      return;
    case "template":
    case "path-template":
      for (const part of expr.parts) visitor(part);
      return;
    case "select":
      visitor(expr.subject);
      forEachName(expr.path, visitor);
      if (expr.fallback) visitor(expr.fallback);
      return;
    case "has-attr":
      visitor(expr.subject);
      forEachName(expr.path, visitor);
      return;
    case "apply":
      visitor(expr.fn);
      for (const arg of expr.args) visitor(arg);
      return;
    case "lambda":
      for (const formal of expr.formals?.list ?? []) if (formal.fallback) visitor(formal.fallback);
      visitor(expr.body);
      return;
    case "attrs":
      forEachBinding(expr.bindings, visitor);
      return;
    case "let":
      forEachBinding(expr.bindings, visitor);
      visitor(expr.body);
      return;
    case "list":
      for (const item of expr.items) visitor(item);
      return;
    case "with":
      visitor(expr.subject);
      visitor(expr.body);
      return;
    case "assert":
      visitor(expr.condition);
      visitor(expr.body);
      return;
    case "if":
      visitor(expr.condition);
      visitor(expr.then);
      visitor(expr.otherwise);
      return;
    case "not":
    case "negate":
      visitor(expr.operand);
      return;
    case "binary":
      visitor(expr.left);
      visitor(expr.right);
  }
}

function forEachName(path: readonly AttrName[], visitor: (child: Expr) => void): void {
  for (const name of path) if (name.kind === "dynamic") visitor(name.expr);
}

function forEachBinding(bindings: Bindings, visitor: (child: Expr) => void): void {
  for (const attr of bindings.attrs) {
    const child = attrExpr(attr);
    if (child) visitor(child);
  }
  for (const subject of bindings.inheritFrom) visitor(subject);
  for (const dynamic of bindings.dynamic) {
    visitor(dynamic.name);
    visitor(dynamic.value);
  }
}

function attrExpr(attr: Attr): Expr | undefined {
  switch (attr.value.kind) {
    case "plain":
      return attr.value.expr;
    case "inherit":
      return attr.value.variable;
    case "inherit-from":
      return undefined;
  }
}
