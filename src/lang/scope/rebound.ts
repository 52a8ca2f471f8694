/**
 * Operators that are calls of names, spelled out.
 *
 * Nix's parser turns `a - b` into `__sub a b` and looks `__sub` up in scope like any name. Almost nothing rebinds
 * these; what does (`__findFile` above all, to give `<a/b>` a meaning of its own) counts on it.
 */
import type { ByteString } from "#base";
import type { Apply, Binary, Expr, Negate, SearchPath, Var } from "../syntax/ast.ts";

export function isRebindable(name: ByteString): boolean {
  // Binders come by the thousand, and the second character tells nearly all of them apart.
  return name.charCodeAt(1) === 95 && operatorNames.has(name);
}

const operatorNames: ReadonlySet<ByteString> = new Set([
  "__sub",
  "__mul",
  "__div",
  "__lessThan",
  "__findFile",
  "__nixPath",
]);

/** The call that `node` is, where one of its names is bound; its variables are yet to be resolved. */
export function spellOut(
  node: Binary | Negate | SearchPath,
  isBound: (name: ByteString) => boolean,
): Expr | undefined {
  const { start, end } = node;
  switch (node.kind) {
    case "search-path": {
      if (!isBound("__findFile") && !isBound("__nixPath")) return undefined;
      const path: Expr = { kind: "string", start, end, value: node.value };
      return call("__findFile", [variable("__nixPath", start), path], node);
    }
    case "negate": {
      const zero: Expr = { kind: "int", start, end: start, value: 0 };
      return isBound("__sub") ? call("__sub", [zero, node.operand], node) : undefined;
    }
    case "binary": {
      const name = callNames[node.op];
      return name !== undefined && isBound(name) ? binaryCall(name, node) : undefined;
    }
  }
}

const callNames: Readonly<Partial<Record<Binary["op"], ByteString>>> = {
  "-": "__sub",
  "*": "__mul",
  "/": "__div",
  "<": "__lessThan",
  ">": "__lessThan",
  "<=": "__lessThan",
  ">=": "__lessThan",
};

function binaryCall(name: ByteString, node: Binary): Expr {
  const { op, left, right, operator, end } = node;
  const isSwapped = op === ">" || op === "<=";
  const result = call(name, isSwapped ? [right, left] : [left, right], { start: operator, end });
  if (op !== "<=" && op !== ">=") return result;
  return { kind: "not", start: operator, end, operand: result };
}

function call(
  name: ByteString,
  args: readonly Expr[],
  place: { readonly start: number; readonly end: number },
): Apply {
  const { start, end } = place;
  return { kind: "apply", start, end, fn: variable(name, start), args };
}

function variable(name: ByteString, start: number): Var {
  return { kind: "var", start, end: start, name, ref: undefined };
}
