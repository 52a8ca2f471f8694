/**
 * Tokens of the Nix language, one at a time, on demand.
 *
 * Nix's lexer takes the longest match, which makes some readings surprising: `a-b` is one identifier, `a->b` is
 * `a-` `>` `b`, `x:y` is a URI, `a/b` and `1/2` are paths, `1e3` is `1` applied to `e3`, `1.` is a float. Inside of
 * strings and paths other rules hold; there the parser takes over from `end` (strings.ts, paths.ts) and
 * calls `advance` again behind them. A NUL byte between tokens ends the input, as it does for Nix.
 */
import { type ByteString, CopseError, type Source } from "#base";
import {
  APOSTROPHE,
  CARRIAGE_RETURN,
  COLON,
  DIGIT,
  DOLLAR,
  DOT,
  HASH,
  ID_PART,
  ID_START,
  isAt,
  LETTER,
  LINE_FEED,
  MINUS,
  OPEN_BRACE,
  PATH_PART,
  PLUS,
  QUOTE,
  SLASH,
  SPACE,
  STAR,
  skipClass,
  TAB,
  URI_PART,
} from "./characters.ts";
import { exponentEnd, indentedStart, pathEnd, searchPathEnd, skipLine } from "./ends.ts";
import { Token, type TokenKind, wordKind } from "./token.ts";

export interface DocComment {
  readonly start: number;
  readonly end: number;
}

export class Lexer {
  readonly source: Source;
  readonly text: ByteString;
  /** Doc comments by the start of the token that they stand directly before. */
  readonly docs = new Map<number, DocComment>();
  kind: TokenKind = Token.endOfFile;
  start = 0;
  /** Where `advance` goes on reading. */
  end = 0;
  /** The end of the token before this one. */
  previousEnd = 0;
  /** The text of an identifier or keyword token. */
  word: ByteString = "";
  readonly #pipeOperators: boolean;
  #doc: DocComment | undefined = undefined;
  /** Where the latest run of characters of paths ends. */
  #runEnd = 0;

  constructor(source: Source, options: { readonly pipeOperators: boolean }) {
    this.source = source;
    this.text = source.text;
    this.#pipeOperators = options.pipeOperators;
  }

  is(kind: TokenKind): boolean {
    return this.kind === kind;
  }

  advance(): void {
    this.previousEnd = this.end;
    const start = this.#skipTrivia(this.end);
    this.start = start;
    if (this.#doc !== undefined) {
      this.docs.set(start, this.#doc);
      this.#doc = undefined;
    }
    if (start >= this.text.length) {
      this.end = start;
      this.kind = Token.endOfFile;
      return;
    }
    const code = this.text.charCodeAt(start);
    this.end = isAt(this.text, start, PATH_PART)
      ? this.#readWord(start, code)
      : this.#readSymbol(start, code);
  }

  /** The byte that follows the current token after space and comments; NaN at the end. */
  peek(): number {
    const at = this.#skipTrivia(this.end);
    this.#doc = undefined;
    return this.text.charCodeAt(at);
  }

  /** Whether `{ x` (the brace is the current token) goes on as the formals of a function, not as bindings. */
  peekFormals(): boolean {
    const { text } = this;
    const at = this.#skipTrivia(this.end);
    let isFormals = false;
    if (isAt(text, at, ID_START)) {
      const end = skipClass(text, at, ID_PART);
      const next = text[this.#skipTrivia(end)];
      isFormals =
        (next === "," || next === "?" || next === "}") && wordKind(text.slice(at, end)) === Token.identifier;
    } else if (text[at] === "}") {
      const next = text[this.#skipTrivia(at + 1)];
      isFormals = next === ":" || next === "@";
    } else {
      isFormals = text.startsWith("...", at);
    }
    this.#doc = undefined;
    return isFormals;
  }

  #skipTrivia(from: number): number {
    const { text } = this;
    let at = from;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === SPACE || code === LINE_FEED || code === TAB || code === CARRIAGE_RETURN) {
        at++;
      } else if (code === HASH) {
        at = skipLine(text, at + 1);
      } else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
        const close = text.indexOf("*/", at + 2);
        // Unclosed, it is no comment to Nix: the parser meets a `/`.
        if (close < 0) return at;
        this.#noteDoc(at, close + 2);
        at = close + 2;
      } else {
        return at;
      }
    }
  }

  /** RFC 145: doc comments begin with exactly two stars. */
  #noteDoc(start: number, end: number): void {
    if (this.text.charCodeAt(start + 2) !== STAR || end - start < 6) return;
    const first = this.text.charCodeAt(start + 3);
    if (first !== STAR && first !== SLASH) this.#doc = { start, end };
  }

  /** Hands `end` on: the methods that read a token set its kind and return where it ends. */
  #as(kind: TokenKind, end: number): number {
    this.kind = kind;
    return end;
  }

  /** What begins with a character that paths may have: words, numbers, `.`, `-`, `+`, paths, URIs. */
  #readWord(start: number, code: number): number {
    const { text } = this;
    if (isAt(text, start, ID_START)) {
      const end = skipClass(text, start, ID_PART);
      const next = text.charCodeAt(end);
      const mayBeLonger = next === DOT || next === SLASH || next === COLON || next === PLUS;
      const longer = mayBeLonger ? this.#readPathOrUri(start) : -1;
      if (longer >= 0) return longer;
      this.word = text.slice(start, end);
      return this.#as(wordKind(this.word), end);
    }
    const end = this.#readPathOrUri(start);
    if (end >= 0) return end;
    if (isAt(text, start, DIGIT)) return this.#readNumber(start);
    const next = text.charCodeAt(start + 1);
    if (code === DOT) {
      if (isAt(text, start + 1, DIGIT)) return this.#readNumber(start);
      if (text.startsWith("...", start)) return this.#as(Token.ellipsis, start + 3);
      return this.#as(Token.dot, start + 1);
    }
    if (code === MINUS) {
      if (next === 62) return this.#as(Token.implies, start + 2);
      return this.#as(Token.minus, start + 1);
    }
    return next === PLUS ? this.#as(Token.concat, start + 2) : this.#as(Token.plus, start + 1);
  }

  /** -1 where neither stands. */
  #readPathOrUri(start: number): number {
    const { text } = this;
    // Of `a.b.c`, each token would look through all that follows; but the end is the same for all of them.
    if (start >= this.#runEnd) this.#runEnd = skipClass(text, start, PATH_PART);
    const run = this.#runEnd;
    const next = text.charCodeAt(run);
    if (next === SLASH) {
      const end = pathEnd(text, run);
      return end < 0 ? -1 : this.#as(Token.path, end);
    }
    if (next !== COLON || !isAt(text, start, LETTER) || !isAt(text, run + 1, URI_PART)) return -1;
    // The one character that paths may have and schemes may not.
    if (text.slice(start, run).includes("_")) return -1;
    return this.#as(Token.uri, skipClass(text, run + 1, URI_PART));
  }

  /** Floats: `[1-9][0-9]*\.[0-9]*` or `0?\.[0-9]+`, then an exponent if one stands there. */
  #readNumber(start: number): number {
    const { text } = this;
    const whole = skipClass(text, start, DIGIT);
    const isFloat =
      text.charCodeAt(whole) === DOT &&
      (whole === start || text.charCodeAt(start) !== 48
        ? true
        : whole === start + 1 && isAt(text, whole + 1, DIGIT));
    if (!isFloat) return this.#as(Token.integer, whole);
    const end = skipClass(text, whole + 1, DIGIT);
    return this.#as(Token.float, exponentEnd(text, end));
  }

  #readSymbol(start: number, code: number): number {
    const { text } = this;
    const next = text.charCodeAt(start + 1);
    const single = singles[code] as TokenKind;
    if (single !== Token.invalid) return this.#as(single, start + 1);
    switch (code) {
      case 0:
        this.start = text.length;
        return this.#as(Token.endOfFile, text.length);
      case QUOTE:
        return this.#as(Token.quote, start + 1);
      case APOSTROPHE:
        if (next === APOSTROPHE) return this.#as(Token.indentedOpen, indentedStart(text, start + 2));
        return this.#as(Token.invalid, start + 1);
      case DOLLAR:
        return next === OPEN_BRACE
          ? this.#as(Token.dollarBrace, start + 2)
          : this.#as(Token.invalid, start + 1);
      case SLASH: {
        const end = pathEnd(text, start);
        if (end >= 0) return this.#as(Token.path, end);
        return next === SLASH ? this.#as(Token.update, start + 2) : this.#as(Token.divide, start + 1);
      }
      case 126: {
        const end = next === SLASH ? pathEnd(text, start + 1) : -1;
        return end >= 0 ? this.#as(Token.homePath, end) : this.#as(Token.invalid, start + 1);
      }
      default:
        return this.#readOperator(start, code, next);
    }
  }

  #readOperator(start: number, code: number, next: number): number {
    const isNextEqual = next === 61;
    switch (code) {
      case 33: // !
        return isNextEqual ? this.#as(Token.notEqual, start + 2) : this.#as(Token.not, start + 1);
      case 61: // =
        return isNextEqual ? this.#as(Token.equal, start + 2) : this.#as(Token.assign, start + 1);
      case 62: // >
        return isNextEqual ? this.#as(Token.greaterOrEqual, start + 2) : this.#as(Token.greater, start + 1);
      case 60: {
        // <
        const end = searchPathEnd(this.text, start);
        if (end >= 0) return this.#as(Token.searchPath, end);
        if (isNextEqual) return this.#as(Token.lessOrEqual, start + 2);
        if (next === 124) return this.#pipe(Token.pipeFrom, start);
        return this.#as(Token.less, start + 1);
      }
      case 38: // &
        return next === 38 ? this.#as(Token.and, start + 2) : this.#as(Token.invalid, start + 1);
      case 124: // |
        if (next === 124) return this.#as(Token.orElse, start + 2);
        if (next === 62) return this.#pipe(Token.pipeInto, start);
        return this.#as(Token.invalid, start + 1);
      default:
        return this.#as(Token.invalid, start + 1);
    }
  }

  #pipe(kind: TokenKind, start: number): number {
    if (this.#pipeOperators) return this.#as(kind, start + 2);
    throw new CopseError(
      "experimental-feature",
      "experimental Nix feature 'pipe-operators' is disabled; add '--extra-experimental-features pipe-operators' to enable it",
      { span: { source: this.source, start, end: start + 2 } },
    );
  }
}

const singles = new Uint8Array(256).fill(Token.invalid);
for (const [character, kind] of [
  ["{", Token.openBrace],
  ["}", Token.closeBrace],
  ["(", Token.openParen],
  [")", Token.closeParen],
  ["[", Token.openBracket],
  ["]", Token.closeBracket],
  [";", Token.semicolon],
  [":", Token.colon],
  [",", Token.comma],
  ["@", Token.at],
  ["?", Token.question],
  ["*", Token.times],
] as const) {
  singles[character.charCodeAt(0)] = kind;
}
