/** What Nix calls the kinds of values, in messages and in `typeOf`. */
import { Attrs } from "./attrs.ts";
import { Lambda, PartialPrimOp, PrimOp } from "./function.ts";
import { blackhole, peek, Thunk } from "./thunk.ts";
import { ContextString, Float, type Lazy, Path, type Value } from "./value.ts";

export type TypeName = "null" | "bool" | "int" | "float" | "string" | "path" | "list" | "set" | "lambda";

/** As `builtins.typeOf` answers. */
export function typeName(value: Value): TypeName {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
    case "bigint":
      return "int";
    case "boolean":
      return "bool";
  }
  if (value === null) return "null";
  if (value instanceof Attrs) return "set";
  if (Array.isArray(value)) return "list";
  if (value instanceof ContextString) return "string";
  if (value instanceof Float) return "float";
  if (value instanceof Path) return "path";
  return "lambda";
}

const WITH_ARTICLE: Readonly<Record<TypeName, string>> = {
  null: "null",
  bool: "a Boolean",
  int: "an integer",
  float: "a float",
  string: "a string",
  path: "a path",
  list: "a list",
  set: "a set",
  lambda: "a function",
};

/** As messages name it: `a set`, `an integer`, `the built-in function 'map'`. */
export function showType(lazy: Lazy): string {
  const value = peek(lazy);
  if (value instanceof Thunk) return value.code === blackhole ? "a black hole" : "a thunk";
  if (value instanceof ContextString) return "a string with context";
  if (value instanceof PrimOp) return `the built-in function '${value.name}'`;
  if (value instanceof PartialPrimOp) return `the partially applied built-in function '${value.op.name}'`;
  if (value instanceof Lambda) return "a function";
  return WITH_ARTICLE[typeName(value)];
}
