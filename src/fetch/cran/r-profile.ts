/**
 * The repositories that an R profile sets (`options(repos = …)`), read from its code without running it.
 *
 *     options(repos = c(CRAN = "https://mirror.example/cran", lab = "https://lab.example/R"))
 *
 *     local({
 *       r <- getOption("repos")
 *       r["CRAN"] <- "https://mirror.example/cran"
 *       options(repos = r)
 *     })
 *
 * Statements count in their order, whatever conditions they stand under; braces and `local` are looked through.
 */
import {
  isMark,
  type RScope,
  type RToken,
  type RValue,
  readArguments,
  readRTokens,
  readRValue,
} from "./r-code.ts";

export interface ProfileRequest {
  readonly code: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What was set before this profile, by name. */
  readonly before: ReadonlyMap<string, string>;
}

export interface ProfileRepositories {
  readonly repos: ReadonlyMap<string, string>;
  /** Something was set to what is not understood. */
  readonly isUnclear: boolean;
}

export function readProfile(request: ProfileRequest): ProfileRepositories {
  const tokens = readRTokens(request.code);
  const variables = new Map<string, RValue>();
  let repos: RValue = [...request.before].map(([name, text]) => ({ name, text }));
  let isUnclear = false;
  for (let at = 0; at < tokens.length; at++) {
    const scope: RScope = { env: request.env, variables, repos };
    const stated = readOptions(tokens, at, scope);
    if (stated) {
      isUnclear ||= stated.value === undefined;
      repos = stated.value ?? repos;
    } else readAssignment(tokens, at, scope, variables);
  }
  return { repos: namedRepositories(repos), isUnclear };
}

/** `options(…, repos = …)` */
function readOptions(tokens: readonly RToken[], at: number, scope: RScope): { value: RValue } | undefined {
  if (tokens[at]?.kind !== "name" || tokens[at]?.text !== "options" || !isMark(tokens[at + 1], "("))
    return undefined;
  const found = readArguments(tokens, at + 1, scope).values.find(({ name }) => name === "repos");
  return found && { value: found.value };
}

/** `r <- …`, `r = …`, `r["CRAN"] <- …`, `r[["CRAN"]] <- …`, `r$CRAN <- …` */
function readAssignment(
  tokens: readonly RToken[],
  at: number,
  scope: RScope,
  variables: Map<string, RValue>,
): void {
  const name = tokens[at];
  if (name?.kind !== "name") return;
  const element = elementAt(tokens, at + 1);
  const arrow = element?.end ?? at + 1;
  if (!isMark(tokens[arrow], "<-") && !isMark(tokens[arrow], "<<-") && !isMark(tokens[arrow], "=")) return;
  // In `options(repos = …)` and other calls, `=` names an argument.
  if (isMark(tokens[arrow], "=") && (isMark(tokens[at - 1], "(") || isMark(tokens[at - 1], ","))) return;
  const { value } = readRValue(tokens, arrow + 1, scope);
  if (!element) variables.set(name.text, value);
  else variables.set(name.text, withElement(variables.get(name.text), element.name, value));
}

function elementAt(
  tokens: readonly RToken[],
  at: number,
): { readonly name: string; readonly end: number } | undefined {
  const opened = tokens[at]?.text;
  const name = tokens[at + 1];
  if (!name || tokens[at]?.kind !== "mark") return undefined;
  if (opened === "$" && name.kind !== "mark") return { name: name.text, end: at + 2 };
  if (name.kind !== "text") return undefined;
  const closed = opened === "[" ? "]" : opened === "[[" ? "]]" : undefined;
  return closed !== undefined && isMark(tokens[at + 2], closed)
    ? { name: name.text, end: at + 3 }
    : undefined;
}

function withElement(before: RValue, name: string, value: RValue): RValue {
  const text = value?.length === 1 ? value[0]?.text : undefined;
  if (text === undefined) return undefined;
  return [...(before ?? []).filter((one) => one.name !== name), { name, text }];
}

/** A repository without a name is CRAN where it is the only one, as `options(repos = "…")` means. */
function namedRepositories(value: RValue): Map<string, string> {
  const named = new Map<string, string>();
  for (const { name, text } of value ?? []) {
    const known = name || (named.has("CRAN") ? undefined : "CRAN");
    if (known !== undefined) named.set(known, text);
  }
  return named;
}
