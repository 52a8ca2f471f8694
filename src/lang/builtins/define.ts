/**
 * How builtins are written down.
 *
 * A builtin's name is the one it has in `builtins`. Some are also names of the global scope: as they are (`map`), or
 * with two underscores before (`__add`), which is how Nix makes all the others reachable without `builtins.`.
 */
import type { ByteString } from "#base";
import type { Evaluation, Lazy, PrimOpDefinition, PrimOpRun } from "../runtime/mod.ts";

export interface BuiltinFunction {
  readonly kind: "function";
  readonly name: ByteString;
  /** What the global scope calls it. */
  readonly globalName: ByteString;
  readonly definition: PrimOpDefinition;
}

/** What is no function of its own making: numbers, strings, and `derivation`. */
export interface BuiltinConstant {
  readonly kind: "constant";
  readonly name: ByteString;
  readonly globalName: ByteString;
  readonly doc: string;
  /** Undefined where the evaluation must not have it, as `currentTime` in pure evaluation. */
  readonly value: (evaluation: Evaluation) => Lazy | undefined;
}

export type Builtin = BuiltinFunction | BuiltinConstant;

export interface FunctionSpec {
  readonly args: readonly string[];
  readonly doc: string;
  readonly run: PrimOpRun;
  /** A global name without underscores. */
  readonly plain?: true;
}

/** A table of functions by their names. */
export function defineFunctions(specs: Readonly<Record<string, FunctionSpec>>): BuiltinFunction[] {
  return Object.entries(specs).map(([name, { args, doc, run, plain }]) => ({
    kind: "function",
    name,
    globalName: plain ? name : `__${name}`,
    definition: { name, arity: args.length, args, doc, run },
  }));
}

export interface ConstantSpec {
  readonly doc: string;
  readonly value: BuiltinConstant["value"];
  readonly plain?: true;
}

export function defineConstants(specs: Readonly<Record<string, ConstantSpec>>): BuiltinConstant[] {
  return Object.entries(specs).map(([name, { doc, value, plain }]) => ({
    kind: "constant",
    name,
    globalName: plain ? name : `__${name}`,
    doc,
    value,
  }));
}
