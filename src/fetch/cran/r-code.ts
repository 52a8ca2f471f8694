/**
 * R code, as far as a profile needs it: texts, names, calls, and what is assigned to what.
 *
 * Profiles are programs. They are not run: this machine may have no R, and what a project's folder brings is nobody's to
 * run unasked. So only what people write to name repositories is understood: texts, `c(CRAN = "…")`, `list`, `paste0`,
 * `Sys.getenv`, `getOption("repos")`, names of what was assigned before. All other values are unknown.
 */

export interface RToken {
  readonly kind: "text" | "name" | "mark";
  readonly text: string;
}

/** Some with names, as `c(CRAN = "https://…")` makes them; undefined is a value that is not understood. */
export type RValue = readonly { readonly name: string | undefined; readonly text: string }[] | undefined;

const TOKEN =
  /#[^\n]*|\s+|[rR]"(-*)\(([\s\S]*?)\)\1"|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|`([^`\n]*)`|([A-Za-z.][\w.]*|\d[\w.]*)|(<<-|<-|->>|->|\|>|\[\[|\]\]|::|[\s\S])/gy;

export function readRTokens(code: string): RToken[] {
  const tokens: RToken[] = [];
  for (const match of code.matchAll(TOKEN)) {
    const text = match[2] ?? match[3] ?? match[4];
    const name = match[5] ?? match[6];
    if (text !== undefined) tokens.push({ kind: "text", text: match[2] ?? unescaped(text) });
    else if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (match[7] !== undefined) tokens.push({ kind: "mark", text: match[7] });
  }
  return tokens;
}

function unescaped(text: string): string {
  const letters: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
  return text.replaceAll(/\\([\s\S])/g, (_, unit: string) => letters[unit] ?? unit);
}

export interface RScope {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What was assigned. */
  readonly variables: ReadonlyMap<string, RValue>;
  /** `getOption("repos")`. */
  readonly repos: RValue;
}

/** Reads an expression from a place among the tokens: its value, and where it ends. */
export function readRValue(
  tokens: readonly RToken[],
  start: number,
  scope: RScope,
): { readonly value: RValue; readonly end: number } {
  const token = tokens[start];
  const isCall = token?.kind === "name" && isMark(tokens[start + 1], "(");
  const arguments_ = isCall ? readArguments(tokens, start + 1, scope) : undefined;
  const end = arguments_ ? arguments_.end : start + 1;
  // What goes on, such as `a + b` or `x[1]`, is none of what is understood.
  const isWhole = end >= tokens.length || !continues(tokens[end]);
  if (!token || !isWhole) return { value: undefined, end: skipExpression(tokens, start) };
  if (token.kind === "text") return { value: [{ name: undefined, text: token.text }], end };
  if (arguments_) return { value: callValue(token.text, arguments_.values, scope), end };
  return { value: token.kind === "name" ? scope.variables.get(token.text) : undefined, end };
}

interface Argument {
  readonly name: string | undefined;
  readonly value: RValue;
}

/** The arguments of a call whose `(` stands at `open`, and where the call ends. */
export function readArguments(
  tokens: readonly RToken[],
  open: number,
  scope: RScope,
): { readonly values: readonly Argument[]; readonly end: number } {
  const values: Argument[] = [];
  let at = open + 1;
  while (at < tokens.length && !isMark(tokens[at], ")")) {
    const named = tokens[at]?.kind !== "mark" && isMark(tokens[at + 1], "=") && !isMark(tokens[at + 2], "=");
    const name = named ? tokens[at]?.text : undefined;
    const { value, end } = readRValue(tokens, named ? at + 2 : at, scope);
    values.push({ name, value });
    at = Math.max(end, at + 1);
    if (isMark(tokens[at], ",")) at++;
  }
  return { values, end: at + 1 };
}

function callValue(called: string, args: readonly Argument[], scope: RScope): RValue {
  const texts = args.map(({ value }) => (value?.length === 1 ? value[0]?.text : undefined));
  const [first, second] = texts;
  switch (called) {
    case "c":
    case "list": {
      if (args.some(({ value }) => value === undefined)) return undefined;
      return args.flatMap(({ name, value = [] }) =>
        name === undefined ? value : value.map(({ text }) => ({ name, text })),
      );
    }
    case "paste0":
      if (texts.includes(undefined)) return undefined;
      return [{ name: undefined, text: texts.join("") }];
    case "Sys.getenv": {
      const text = first === undefined ? undefined : scope.env[first] || (second ?? "");
      return text === undefined ? undefined : [{ name: undefined, text }];
    }
    case "getOption":
      return first === "repos" ? scope.repos : undefined;
    default:
      return undefined;
  }
}

export function isMark(token: RToken | undefined, text: string): boolean {
  return token?.kind === "mark" && token.text === text;
}

/** Whether an expression goes on after what was read of it. Newlines are not seen, so that names begin anew. */
function continues(token: RToken | undefined): boolean {
  return token?.kind === "mark" && !/^[,;)}\]]+$/.test(token.text);
}

/** The end of an expression within a call: the comma or parenthesis that is its own. */
function skipExpression(tokens: readonly RToken[], start: number): number {
  let depth = 0;
  let at = start;
  for (; at < tokens.length; at++) {
    const { kind, text } = tokens[at] as RToken;
    if (kind !== "mark") continue;
    if (depth === 0 && (text === "," || text === ")" || text === "}" || text === ";")) break;
    if (text === "(" || text === "{" || text === "[") depth++;
    else if (text === "[[") depth += 2;
    else if (text === ")" || text === "}" || text === "]") depth--;
    else if (text === "]]") depth -= 2;
  }
  return at;
}
