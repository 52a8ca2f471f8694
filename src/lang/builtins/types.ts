/** What kind of value something is. */
import { Attrs, Float, force, isFunction, isInt, isList, isString, Path, typeName } from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";

export const typeBuiltins = defineFunctions({
  typeOf: {
    args: ["value"],
    doc: `The kind of a value as a word: "int", "float", "bool", "string", "path", "null", "set", "list" or "lambda".`,
    run: (_, value) => typeName(force(value)),
  },
  isNull: {
    args: ["value"],
    doc: "Whether a value is null. `value == null` says the same.",
    plain: true,
    run: (_, value) => force(value) === null,
  },
  isFunction: {
    args: ["value"],
    doc: "Whether a value is a function. A set with `__functor` is not one, though it can be called.",
    run: (_, value) => isFunction(force(value)),
  },
  isInt: { args: ["value"], doc: "Whether a value is an integer.", run: (_, value) => isInt(force(value)) },
  isFloat: {
    args: ["value"],
    doc: "Whether a value is a floating-point number.",
    run: (_, value) => force(value) instanceof Float,
  },
  isString: {
    args: ["value"],
    doc: "Whether a value is a string.",
    run: (_, value) => isString(force(value)),
  },
  isBool: {
    args: ["value"],
    doc: "Whether a value is true or false.",
    run: (_, value) => typeof force(value) === "boolean",
  },
  isPath: {
    args: ["value"],
    doc: "Whether a value is a path.",
    run: (_, value) => force(value) instanceof Path,
  },
  isList: { args: ["value"], doc: "Whether a value is a list.", run: (_, value) => isList(force(value)) },
  isAttrs: {
    args: ["value"],
    doc: "Whether a value is an attribute set.",
    run: (_, value) => force(value) instanceof Attrs,
  },
});
