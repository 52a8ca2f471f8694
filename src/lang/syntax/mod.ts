/** Source text to syntax tree, and the tree as `nix-instantiate --parse` prints it. */
import type { Source } from "#base";
import type { Expr } from "./ast.ts";
import { guardNesting } from "./nesting.ts";
import { type ParseOptions, Parser } from "./parser.ts";

export type * from "./ast.ts";
export { formatAttrName, formatAttrPath, formatExpr, formatFloat, formatString } from "./format.ts";
export { guardNesting } from "./nesting.ts";
export type { ParseOptions } from "./parser.ts";
export { canonicalPath } from "./paths.ts";

/**
 * The tree of one file or string. Names are not resolved: that is `../scope`.
 * Throws CopseError `syntax-error`, `duplicate-attribute`, `duplicate-formal`, `impure-path` (`~/` without a home),
 * `experimental-feature` (a pipe operator that is not allowed), `nesting-too-deep`.
 */
export function parse(source: Source, options: ParseOptions): Expr {
  const parser = new Parser(source, options);
  return guardNesting(
    () => parser.span(parser.lexer.start, parser.lexer.end),
    () => parser.file(),
  );
}
