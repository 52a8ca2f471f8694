/**
 * What is allowed in the language but better written otherwise: URLs without quotes, absolute paths, relative paths
 * without `./`. Each kind can be ignored, warned of, or refused.
 */
import { type CopseError, lineColumn, type Source } from "#base";
import { forEachChild } from "./compile/mod.ts";
import { evalError } from "./runtime/mod.ts";
import type { Expr } from "./syntax/mod.ts";

export type LintLevel = "ignore" | "warn" | "fatal";

export interface LintLevels {
  readonly url: LintLevel;
  readonly absolutePath: LintLevel;
  readonly shortPath: LintLevel;
}

export function isLinting(levels: LintLevels): boolean {
  return Object.values(levels).some((level) => level !== "ignore");
}

export interface LintOptions {
  readonly levels: LintLevels;
  readonly warn: (text: string) => void;
}

/** @throws CopseError `lint` for the first that is fatal. */
export function lint(expr: Expr, options: LintOptions & { readonly source: Source }): void {
  const { source, levels, warn } = options;
  const visit = (node: Expr): void => {
    const found = findingAt(node, source, levels);
    if (found?.level === "fatal") throw fatal(found.message, source, node);
    if (found?.level === "warn") {
      const { line, column } = lineColumn(source, node.start);
      warn(`${found.message}, at ${source.name}:${line}:${column}`);
    }
    forEachChild(node, visit);
  };
  visit(expr);
}

interface Finding {
  readonly level: LintLevel;
  readonly message: string;
}

function findingAt(node: Expr, source: Source, levels: LintLevels): Finding | undefined {
  if (node.kind === "string") return urlAt(node, source, levels.url);
  if (node.kind !== "path") return undefined;
  const written = source.text.slice(node.start, node.end);
  if (/^[~/]/.test(written)) {
    const kind = written.startsWith("~") ? "home" : "absolute";
    const message = `${kind} path literals are not portable. Consider replacing path literal '${written}' by a string, relative path, or parameter (lint-absolute-path-literals)`;
    return { level: levels.absolutePath, message };
  }
  if (written.startsWith(".")) return undefined;
  const message = `relative path literal '${written}' should be prefixed with '.' for clarity: './${written}' (lint-short-path-literals)`;
  return { level: levels.shortPath, message };
}

/** A string without quotes is a URL. */
function urlAt(node: Expr, source: Source, level: LintLevel): Finding | undefined {
  const written = source.text.slice(node.start, node.end);
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[^\s"']/.test(written)) return undefined;
  const judged = level === "fatal" ? "disallowed" : "discouraged";
  const message = `URL literals are ${judged}. Consider using a string literal "${written}" instead (lint-url-literals)`;
  return { level, message };
}

function fatal(message: string, source: Source, { start, end }: Expr): CopseError {
  return evalError("lint", message, { span: { source, start, end } });
}
