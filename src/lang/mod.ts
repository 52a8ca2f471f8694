/** The Nix language: source text in, values out. What it needs of the world comes through `EvalHost`. */
export * from "./builtins/mod.ts";
export { parseSelectionPath } from "./entry.ts";
export * from "./evaluator.ts";
export type * from "./host.ts";
export type { LintLevel, LintLevels } from "./lint.ts";
export * from "./runtime/mod.ts";
export { formatExpr, parse } from "./syntax/mod.ts";
