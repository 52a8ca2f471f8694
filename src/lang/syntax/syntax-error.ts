/**
 * Syntax errors. The first line is worded as Nix words it; the hint says what a reader of the source would say:
 * which semicolon is missing, which brace was never closed.
 */
import { CopseError, lineColumn, type Source } from "#base";
import { SLASH } from "./characters.ts";
import type { Lexer } from "./lexer.ts";
import { Token, tokenName } from "./token.ts";

/** What was being read when something else came. */
export interface Expectation {
  /** Names of tokens as Nix lists them: empty or more than four are not listed. */
  readonly expected?: readonly string[];
  /** The offset of the brace, quote or keyword that waits for its end. */
  readonly opener?: number;
  /** Better than what the token alone suggests. */
  readonly hint?: string;
}

/** The error for the lexer's current token. */
export function unexpectedToken(lexer: Lexer, expectation: Expectation = {}): CopseError {
  const expected = expectation.expected ?? [];
  const list = expected.length === 0 ? "" : `, expecting ${expected.join(" or ")}`;
  const message = `syntax error, unexpected ${tokenName(lexer.kind)}${list}`;
  const span = { source: lexer.source, start: lexer.start, end: Math.max(lexer.end, lexer.start) };
  return new CopseError("syntax-error", message, {
    span,
    hint: expectation.hint ?? hintFor(lexer, expectation),
  });
}

/** The end of the input inside of a string that began at `opener`. */
export function unclosedString(lexer: Lexer, opener: number, expected: readonly string[]): CopseError {
  lexer.kind = Token.endOfFile;
  lexer.start = lexer.text.length;
  lexer.end = lexer.text.length;
  return unexpectedToken(lexer, { expected, opener });
}

export function place(source: Source, offset: number): string {
  const { line, column } = lineColumn(source, offset);
  return `${source.name}:${line}:${column}`;
}

/** Before any of these, what was opened inside must have been closed. */
const ENDS_SOMETHING: ReadonlySet<number> = new Set([
  Token.closeBrace,
  Token.closeParen,
  Token.closeBracket,
  Token.semicolon,
]);

function hintFor(lexer: Lexer, { expected = [], opener }: Expectation): string | undefined {
  const { kind, text, start, source } = lexer;
  const isCommentStart =
    text.startsWith("/*", start) || (kind === Token.times && text.charCodeAt(start - 1) === SLASH);
  if (isCommentStart) return "this comment is never closed: `*/` is missing";
  const isInBinding = expected.includes("';'") || expected.includes("'='");
  const isAtEnd = kind === Token.endOfFile || (ENDS_SOMETHING.has(kind) && !isInBinding);
  if (opener !== undefined && isAtEnd) {
    const token = text.startsWith("''", opener) || text.startsWith("${", opener) ? 2 : 1;
    const until = kind === Token.endOfFile ? "is never closed" : "is not closed before this";
    return `the \`${text.slice(opener, opener + token)}\` at ${place(source, opener)} ${until}`;
  }
  if (expected.includes("';'")) {
    if (kind === Token.comma) return "bindings end in `;`, not in `,`";
    if (kind === Token.assign) return "a `;` is missing before the name that this `=` binds";
    return `a \`;\` is missing after ${place(source, lexer.previousEnd)}`;
  }
  if (expected.includes("'='") && kind === Token.colon) return "names are bound with `=`";
  if (expected.includes("'='") && kind === Token.equal) return "`==` compares, `=` binds";
  if (kind === Token.invalid) return invalidHint(text.charCodeAt(start));
  return contextHint(lexer, expected);
}

function contextHint({ kind }: Lexer, expected: readonly string[]): string | undefined {
  switch (kind) {
    case Token.colon:
      return "a function that is an operand, an argument or a list item needs parentheses";
    case Token.ifKeyword:
    case Token.letKeyword:
    case Token.withKeyword:
    case Token.assertKeyword:
      return expected.length > 1
        ? "keywords need quotes as attribute names"
        : "as an operand, an argument or a list item this needs parentheses";
    case Token.comma:
      return expected.includes("')'") || expected.length === 0
        ? "items of a list and arguments are separated by space alone"
        : undefined;
    case Token.assign:
      return "`=` binds names in `{ }` and after `let`; to compare, write `==`";
    case Token.closeBrace:
    case Token.closeParen:
    case Token.closeBracket:
      return expected.includes("end of file") ? "nothing is open here that this could close" : undefined;
    default:
      return undefined;
  }
}

function invalidHint(code: number): string {
  if (code > 127) return "outside of strings and comments only ASCII characters can stand";
  if (code === 39) return "strings are written with `\"` or with `''`";
  if (code === 36) return "`$` begins nothing by itself: `${` interpolates";
  return `\`${String.fromCharCode(code)}\` has no meaning in the Nix language`;
}
