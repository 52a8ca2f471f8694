/** Strings of both kinds and paths: literals with expressions among their texts. */
import { type ByteString, CopseError, textFromByteString } from "#base";
import type { Expr, PathLiteral, StringLiteral } from "./ast.ts";
import { DOLLAR, isAt, OPEN_BRACE, PATH_PART, QUOTE, SLASH, skipClass } from "./characters.ts";
import { pathEnd } from "./ends.ts";
import { type IndentedPiece, IndentStripper, readIndentedPiece, smallestIndent } from "./indented-text.ts";
import type { Parser } from "./parser.ts";
import { resolvePath } from "./paths.ts";
import { stringTextEnd, unescapeText } from "./string-text.ts";
import { unclosedString, unexpectedToken } from "./syntax-error.ts";
import { Token } from "./token.ts";

/** `"..."`, from its opening quote, which is the current token, to behind the closing one. */
export function parseString(parser: Parser): Expr {
  const { lexer } = parser;
  const { text, start } = lexer;
  let parts: Expr[] | undefined;
  for (;;) {
    const from = lexer.end;
    const to = stringTextEnd(text, from);
    if (to < 0) throw unclosedString(lexer, start, ["'\"'"]);
    const value = checkNulls(parser, unescapeText(text.slice(from, to)), from);
    if (text.charCodeAt(to) === QUOTE) {
      lexer.end = to + 1;
      lexer.advance();
      if (parts === undefined) return stringLiteral(value, start, to + 1);
      if (value !== "") parts.push(stringLiteral(value, from, to));
      return { kind: "template", start, end: to + 1, parts };
    }
    parts ??= [];
    if (value !== "") parts.push(stringLiteral(value, from, to));
    parts.push(parseInterpolation(parser, to));
  }
}

/** `''...''`. */
export function parseIndentedString(parser: Parser): Expr {
  const { lexer } = parser;
  const { text, start } = lexer;
  const pieces: (IndentedPiece | undefined)[] = [];
  const interpolated: Expr[] = [];
  for (;;) {
    const from = lexer.end;
    const piece = readIndentedPiece(text, from);
    if (piece !== undefined) {
      if (piece.isRaw) checkNulls(parser, piece.text, from);
      pieces.push(piece);
      lexer.end = piece.end;
    } else if (text.charCodeAt(from) === DOLLAR) {
      interpolated.push(parseInterpolation(parser, from));
      pieces.push(undefined);
    } else if (from >= text.length) {
      throw unclosedString(lexer, start, ["indented string", "'${'", "end of an indented string"]);
    } else {
      lexer.end = from + 2;
      lexer.advance();
      return assembleIndented(parser, { pieces, interpolated, start, end: from + 2 });
    }
  }
}

function assembleIndented(
  parser: Parser,
  string: {
    readonly pieces: readonly (IndentedPiece | undefined)[];
    readonly interpolated: readonly Expr[];
    readonly start: number;
    readonly end: number;
  },
): Expr {
  const { pieces, interpolated, start, end } = string;
  const stripper = new IndentStripper(smallestIndent(pieces));
  const parts: Expr[] = [];
  let nextInterpolated = 0;
  let textCount = 0;
  let isAfterText = false;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i];
    if (piece === undefined) {
      stripper.interpolation();
      parts.push(interpolated[nextInterpolated++] as Expr);
      isAfterText = false;
      continue;
    }
    const value = stripper.strip(piece.text, i === pieces.length - 1);
    if (value === "") continue;
    textCount++;
    const last = parts[parts.length - 1];
    if (isAfterText && last?.kind === "string" && !parser.options.separateTexts) {
      parts[parts.length - 1] = stringLiteral(last.value + value, last.start, piece.end);
    } else {
      parts.push(stringLiteral(value, piece.start, piece.end));
    }
    isAfterText = true;
  }
  const only = parts[0];
  if (parts.length > 1 || (only !== undefined && only.kind !== "string")) {
    return { kind: "template", start, end, parts };
  }
  // Also where it was interpolated: `''${"a"}''` is a literal to Nix.
  const literal = stringLiteral(only === undefined ? "" : only.value, start, end);
  if (textCount > 1 || (only !== undefined && parser.joinedTexts.has(only))) parser.joinedTexts.add(literal);
  return literal;
}

/** `./a/${b}/c`, `~/a`, `/a`: from its first piece, the current token, to behind its last. */
export function parsePath(parser: Parser): Expr {
  const { lexer } = parser;
  const { text, start } = lexer;
  const isHome = lexer.kind === Token.homePath;
  const written = text.slice(start, lexer.end);
  const value = resolvePath(written, isHome ? "home" : "file", parser.options, () =>
    parser.span(start, lexer.end),
  );
  const first: PathLiteral = { kind: "path", start, end: lexer.end, value };
  const rest: Expr[] = [];
  let endsInSlash = written.endsWith("/");
  for (;;) {
    const from = lexer.end;
    if (text.charCodeAt(from) === DOLLAR && text.charCodeAt(from + 1) === OPEN_BRACE) {
      rest.push(parseInterpolation(parser, from));
      endsInSlash = false;
      continue;
    }
    const to = pathPieceEnd(text, from);
    if (to === from) break;
    if (rest.length === 0 && !text.startsWith("${", to)) throw doubleSlash(parser, from, to);
    pushText(parser, rest, stringLiteral(text.slice(from, to), from, to));
    endsInSlash = text.charCodeAt(to - 1) === SLASH;
    lexer.end = to;
  }
  const end = lexer.end;
  if (endsInSlash) {
    const span = parser.span(end, Math.min(end + 1, text.length));
    throw new CopseError("syntax-error", "path has a trailing slash", { span, hint: "leave the `/` out" });
  }
  lexer.advance();
  return rest.length === 0 ? first : { kind: "path-template", start, end, parts: [first, ...rest] };
}

function pathPieceEnd(text: ByteString, from: number): number {
  const run = skipClass(text, from, PATH_PART);
  if (text.charCodeAt(run) !== SLASH) return run;
  return isAt(text, run + 1, PATH_PART) ? pathEnd(text, run) : run + 1;
}

function pushText(parser: Parser, parts: Expr[], literal: StringLiteral): void {
  const last = parts[parts.length - 1];
  // An interpolated `${"a"}` is a string as well, but ends behind its own `}`.
  if (last?.kind === "string" && last.end === literal.start && !parser.options.separateTexts) {
    parts[parts.length - 1] = stringLiteral(last.value + literal.value, last.start, literal.end);
  } else {
    parts.push(literal);
  }
}

/** `//` ends a path's first piece, and only an interpolation may come then: `./a//${b}` is one, `./a//b` is none. */
function doubleSlash(parser: Parser, start: number, end: number): CopseError {
  const { text } = parser.lexer;
  const isAtEnd = pathPieceEnd(text, end) === end;
  const isTrailing = isAtEnd && text.charCodeAt(end - 1) === SLASH;
  const unexpected = isAtEnd ? "end of path" : "string";
  const message = isTrailing
    ? "path has a trailing slash"
    : `syntax error, unexpected ${unexpected}, expecting '\${'`;
  const span = parser.span(start, end);
  return new CopseError("syntax-error", message, { span, hint: "a path has no `//`" });
}

/** `${ ... }` at `at`; afterwards `lexer.end` stands behind the brace, for the surrounding text to go on. */
function parseInterpolation(parser: Parser, at: number): Expr {
  const { lexer } = parser;
  lexer.end = at + 2;
  lexer.advance();
  const expr = parser.expression();
  if (lexer.kind !== Token.closeBrace) throw unexpectedToken(lexer, { expected: ["'}'"], opener: at });
  return expr;
}

function stringLiteral(value: ByteString, start: number, end: number): StringLiteral {
  return { kind: "string", start, end, value };
}

function checkNulls(parser: Parser, text: ByteString, start: number): ByteString {
  if (!text.includes("\0")) return text;
  const shown = textFromByteString(text).replaceAll("\0", "␀");
  throw new CopseError(
    "syntax-error",
    `input string '${shown}' cannot be represented as Nix string because it contains null bytes`,
    { span: parser.span(start, start + 1) },
  );
}
