/** TOML's four kinds of strings: basic and literal, each on one line or on several. */
import { type ByteString, byteStringFromText } from "#base";
import { TomlSyntaxError } from "./scalar.ts";

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["t", "\t"],
  ["n", "\n"],
  ["f", "\f"],
  ["r", "\r"],
  ['"', '"'],
  ["\\", "\\"],
]);

export interface ParsedString {
  readonly value: ByteString;
  readonly end: number;
}

/** Parses a string whose opening quote is at `at`. A key cannot have several lines: there, three quotes are an empty string and a quote. */
export function parseTomlString(
  text: ByteString,
  at: number,
  { multiline = true }: { readonly multiline?: boolean } = {},
): ParsedString {
  const quote = text[at] as string;
  const triple = quote.repeat(3);
  if (multiline && text.startsWith(triple, at)) {
    return quote === '"' ? parseBasic(text, at + 3, triple) : parseLiteral(text, at + 3, triple);
  }
  return quote === '"' ? parseBasic(text, at + 1, quote) : parseLiteral(text, at + 1, quote);
}

function invalid(kind: string): TomlSyntaxError {
  return new TomlSyntaxError(`[error] toml::parse_${kind}_string: invalid string format`);
}

/** A newline right after the opening quotes is not part of the string. */
function skipFirstNewline(text: ByteString, at: number): number {
  return at + (/^\r?\n/.exec(text.slice(at, at + 2))?.[0].length ?? 0);
}

// One or two quotes more may stand before the closing three: they belong to the string.
function closingQuotes(text: ByteString, at: number, close: string): number {
  let start = at;
  while (start < at + 2 && text.startsWith(close, start + 1)) start++;
  return start;
}

function parseLiteral(text: ByteString, at: number, close: string): ParsedString {
  const multiline = close.length === 3;
  const start = multiline ? skipFirstNewline(text, at) : at;
  const kind = multiline ? "ml_literal" : "literal";
  const found = text.indexOf(close, start);
  if (found < 0) throw invalid(kind);
  const end = multiline ? closingQuotes(text, found, close) : found;
  const value = text.slice(start, end);
  checkControls(value, { multiline, kind });
  return { value, end: end + close.length };
}

function checkControls(text: ByteString, { multiline, kind }: { multiline: boolean; kind: string }): void {
  const forbidden = multiline ? /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)/ : /[\x00-\x08\x0a-\x1f\x7f]/;
  if (forbidden.test(text)) throw invalid(kind);
}

function parseBasic(text: ByteString, at: number, close: string): ParsedString {
  const multiline = close.length === 3;
  const kind = multiline ? "ml_basic" : "basic";
  const parts: ByteString[] = [];
  let position = multiline ? skipFirstNewline(text, at) : at;
  for (;;) {
    const plain = position;
    while (position < text.length && text[position] !== "\\" && !text.startsWith(close, position)) position++;
    if (position >= text.length) throw invalid(kind);
    if (text[position] === "\\") {
      parts.push(text.slice(plain, position));
      checkControls(parts.at(-1) as string, { multiline, kind });
      const unescaped = parseEscape(text, position + 1, multiline);
      parts.push(unescaped.value);
      position = unescaped.end;
      continue;
    }
    const end = multiline ? closingQuotes(text, position, close) : position;
    parts.push(text.slice(plain, end));
    checkControls(parts.at(-1) as string, { multiline, kind });
    return { value: parts.join(""), end: end + close.length };
  }
}

/** After a backslash. At the end of a line it swallows all white space up to the next text. */
function parseEscape(text: ByteString, at: number, multiline: boolean): ParsedString {
  const character = text[at] ?? "";
  const plain = ESCAPES.get(character);
  if (plain !== undefined) return { value: plain, end: at + 1 };
  if (character === "u" || character === "U") return parseUnicode(text, at);
  const fold = multiline ? /^[ \t]*\r?\n[ \t\r\n]*/.exec(text.slice(at)) : null;
  if (fold) return { value: "", end: at + fold[0].length };
  throw invalid(multiline ? "ml_basic" : "basic");
}

function parseUnicode(text: ByteString, at: number): ParsedString {
  const length = text[at] === "u" ? 4 : 8;
  const digits = text.slice(at + 1, at + 1 + length);
  if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) throw invalid("basic");
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff) {
    throw new TomlSyntaxError("[error] toml::parse_utf8_codepoint: input codepoint is too large.");
  }
  if (code >= 0xd800 && code <= 0xdfff) {
    throw new TomlSyntaxError("[error] toml::parse_utf8_codepoint: [0xD800, 0xDFFF] is not a valid UTF-8");
  }
  return { value: byteStringFromText(String.fromCodePoint(code)), end: at + 1 + length };
}
