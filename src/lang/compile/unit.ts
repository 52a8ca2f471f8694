/** One source file as the text of one script. */
import type { Expr } from "../syntax/ast.ts";
import { tail } from "./expression.ts";
import { Frame, Unit, type UnitOptions } from "./frame.ts";
import { createLinkage, createUnitLinkage, type UnitEnvironment } from "./linkage.ts";

/**
 * JavaScript for a resolved expression: an expression whose value is a function of a linkage, which answers a
 * function of no arguments that evaluates the Nix expression. All else is inner functions of the former, which
 * V8 compiles when they are first called.
 */
export function compileUnit(expr: Expr, options: UnitOptions): string {
  const unit = new Unit(options);
  const main = new Frame(unit, undefined, "");
  tail(main, expr);
  const body = main.block.lines.join("");
  const hoisted = unit.hoisted.length === 0 ? "" : `let ${unit.hoisted.join(",")};`;
  return [
    `(function(R){"use strict";const {${HELPER_NAMES.join(",")}}=R;`,
    hoisted,
    ...unit.functions,
    `return function(){${body}}})`,
  ].join("\n");
}

const HELPER_NAMES: readonly string[] = helperNames();

function helperNames(): string[] {
  // Neither looks at its argument before the helpers are called.
  const environment = {} as UnitEnvironment;
  return [
    ...Object.keys(createLinkage(environment.evaluation)),
    ...Object.keys(createUnitLinkage(environment)),
  ];
}
