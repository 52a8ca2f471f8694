/**
 * `builtins.fromJSON`: RFC 8259 on bytes.
 *
 * Integers keep 64 bits, larger ones become floats where they are negative and are refused where they are not; of
 * equal names the last counts. Messages are those of the library that Nix uses, down to its columns: it counts the
 * bytes that it has read, the end of the input included, and shows what it read of the token at fault.
 */
import { isUtf8 } from "node:buffer";
import { type ByteString, byteStringFromText, bytesFromByteString } from "#base";
import { Attrs, deeper, evalError, Float, intFromBigInt, type Lazy, type Value } from "../runtime/mod.ts";
import { checkNoNul } from "./nul.ts";

type TokenKind =
  | "'['"
  | "'{'"
  | "']'"
  | "'}'"
  | "':'"
  | "','"
  | "true literal"
  | "false literal"
  | "null literal"
  | "string literal"
  | "number literal"
  | "end of input";

const PUNCTUATION: ReadonlyMap<number, TokenKind> = new Map(
  ["[", "{", "]", "}", ":", ","].map((character) => [character.charCodeAt(0), `'${character}'` as TokenKind]),
);
const QUOTE = 0x22;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** A whole number that no further part follows. */
const PLAIN_INTEGER = /-?(?:0|[1-9][0-9]{0,14})(?![0-9.eE])/y;
const PLAIN_TEXT = /[^"\\\x00-\x1f]*/y;
const LITERALS: ReadonlyMap<string, { word: string; kind: TokenKind }> = new Map([
  ["t", { word: "true", kind: "true literal" }],
  ["f", { word: "false", kind: "false literal" }],
  ["n", { word: "null", kind: "null literal" }],
]);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
const ANY_VALUE = "'[', '{', or a literal";

class JsonParser {
  readonly #text: ByteString;
  #at = 0;
  /** Where what a message shows of the token begins. */
  #shownFrom = 0;
  #token: TokenKind = "end of input";
  #value: Value = null;
  /** What was being parsed, for messages about a malformed token. */
  #context = "value";
  #expected: string | undefined;

  constructor(text: ByteString) {
    this.#text = text;
  }

  parse(): Value {
    // A byte order mark is skipped.
    if (this.#text.startsWith("\xef\xbb\xbf")) this.#at = 3;
    this.#next("value");
    const value = this.#parseValue();
    if (this.#next("value", "end of input") !== "end of input") this.#unexpected("value", "end of input");
    return value;
  }

  #parseValue(): Value {
    switch (this.#token) {
      case "'['":
        return deeper(() => this.#parseArray());
      case "'{'":
        return deeper(() => this.#parseObject());
      case "string literal":
      case "number literal":
      case "true literal":
      case "false literal":
      case "null literal":
        return this.#value;
      default:
        if (this.#token === "end of input" && this.#text === "") {
          this.#fail(
            "attempting to parse an empty input; check that your input string or stream contains the expected JSON",
          );
        }
        return this.#unexpected("value", ANY_VALUE);
    }
  }

  #parseArray(): Value {
    const items: Lazy[] = [];
    if (this.#next("value") === "']'") return items;
    for (;;) {
      items.push(this.#parseValue());
      const token = this.#next("array", "']'");
      if (token === "']'") return items;
      if (token !== "','") this.#unexpected("array", "']'");
      this.#next("value");
    }
  }

  #parseObject(): Value {
    const names: ByteString[] = [];
    const values: Lazy[] = [];
    if (this.#next("object key", "string literal") === "'}'") return Attrs.empty;
    for (;;) {
      if (this.#token !== "string literal") this.#unexpected("object key", "string literal");
      const key = this.#value as ByteString;
      if (this.#next("object separator", "':'") !== "':'") this.#unexpected("object separator", "':'");
      this.#next("value");
      names.push(key);
      values.push(this.#parseValue());
      const token = this.#next("object", "'}'");
      if (token === "'}'") return Attrs.build(names, values, { keep: "last" });
      if (token !== "','") this.#unexpected("object", "'}'");
      this.#next("object key", "string literal");
    }
  }

  /** Reads a token. Context and expectation are for the message should it be malformed. */
  #next(context: string, expected?: string): TokenKind {
    this.#context = context;
    this.#expected = expected;
    const text = this.#text;
    let code = text.charCodeAt(this.#at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09)
      code = text.charCodeAt(++this.#at);
    if (code === QUOTE) this.#readString();
    else if ((code >= DIGIT_0 && code <= DIGIT_9) || code === MINUS) this.#readNumber();
    else {
      const punctuation = PUNCTUATION.get(code);
      if (punctuation !== undefined) {
        this.#token = punctuation;
        this.#at++;
      } else if (this.#at >= text.length) {
        this.#token = "end of input";
        this.#at++;
      } else this.#readLiteral(text[this.#at] as string);
    }
    return this.#token;
  }

  #readLiteral(first: string): void {
    const literal = LITERALS.get(first);
    this.#at++;
    if (!literal) this.#malformed("invalid literal");
    for (const expected of literal.word.slice(1)) {
      if (this.#text[this.#at++] !== expected) this.#malformed("invalid literal");
    }
    this.#token = literal.kind;
    this.#value = literal.kind === "null literal" ? null : literal.kind === "true literal";
  }

  #readNumber(): void {
    const text = this.#text;
    this.#shownFrom = this.#at;
    const start = this.#at;
    PLAIN_INTEGER.lastIndex = start;
    const plain = PLAIN_INTEGER.exec(text)?.[0];
    if (plain !== undefined) {
      this.#at += plain.length;
      this.#token = "number literal";
      this.#value = Number(plain) + 0;
      return;
    }
    const digits = (message: string) => {
      if (!/[0-9]/.test(text[this.#at++] ?? "")) this.#malformed(`invalid number; ${message}`);
      while (/[0-9]/.test(text[this.#at] ?? "")) this.#at++;
    };
    if (text[this.#at] === "-") this.#at++;
    if (text[this.#at] === "0") this.#at++;
    else digits("expected digit after '-'");
    let integral = true;
    if (text[this.#at] === ".") {
      integral = false;
      this.#at++;
      digits("expected digit after '.'");
    }
    if (/[eE]/.test(text[this.#at] ?? "")) {
      integral = false;
      this.#at++;
      const signed = /[+-]/.test(text[this.#at] ?? "");
      if (signed) this.#at++;
      digits(signed ? "expected digit after exponent sign" : "expected '+', '-', or digit after exponent");
    }
    this.#token = "number literal";
    this.#value = numberValue(text.slice(start, this.#at), integral);
  }

  #readString(): void {
    const text = this.#text;
    this.#shownFrom = this.#at++;
    let value = "";
    for (;;) {
      const start = this.#at;
      PLAIN_TEXT.lastIndex = start;
      const chunk = PLAIN_TEXT.exec(text)?.[0] ?? "";
      this.#at += chunk.length;
      this.#checkUtf8(chunk, start);
      value += chunk;
      const character = text[this.#at++];
      if (character === '"') break;
      if (character === "\\") value += this.#readEscape();
      else if (character === undefined) this.#malformed("invalid string: missing closing quote");
      else this.#malformed(`invalid string: control character ${controlCharacter(character)}`);
    }
    this.#token = "string literal";
    this.#value = checkNoNul(value);
  }

  #readEscape(): ByteString {
    const character = this.#text[this.#at++];
    if (character === "u") return byteStringFromText(String.fromCodePoint(this.#readCodePoint()));
    const plain = ESCAPES.get(character ?? "");
    return plain ?? this.#malformed("invalid string: forbidden character after backslash");
  }

  #readCodePoint(): number {
    const unit = this.#readHex();
    if (unit >= 0xdc00 && unit <= 0xdfff) {
      this.#malformed("invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF");
    }
    if (unit < 0xd800 || unit > 0xdfff) return unit;
    const missing = "invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF";
    if (this.#text[this.#at++] !== "\\" || this.#text[this.#at++] !== "u") this.#malformed(missing);
    const low = this.#readHex();
    if (low < 0xdc00 || low > 0xdfff) this.#malformed(missing);
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }

  #readHex(): number {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const digit = this.#text[this.#at++] ?? "";
      if (!/[0-9a-fA-F]/.test(digit))
        this.#malformed("invalid string: '\\u' must be followed by 4 hex digits");
      value = value * 16 + Number.parseInt(digit, 16);
    }
    return value;
  }

  #checkUtf8(chunk: ByteString, start: number): void {
    if (!/[\x80-\xff]/.test(chunk) || isUtf8(bytesFromByteString(chunk))) return;
    // The first byte that no valid sequence has at its place.
    let length = chunk.length;
    while (length > 0 && !isUtf8Prefix(chunk.slice(0, length))) length--;
    this.#at = start + length + 1;
    this.#malformed("invalid string: ill-formed UTF-8 byte");
  }

  #malformed(message: string): never {
    // A byte that was looked for after the end counts as read, but cannot be shown.
    const shown = showControls(this.#text.slice(this.#shownFrom, this.#at));
    const wanted = this.#expected === undefined ? "" : `; expected ${this.#expected}`;
    this.#fail(`syntax error while parsing ${this.#context} - ${message}; last read: '${shown}'${wanted}`);
  }

  #unexpected(context: string, expected: string): never {
    this.#fail(`syntax error while parsing ${context} - unexpected ${this.#token}; expected ${expected}`);
  }

  #fail(message: string): never {
    const read = this.#text.slice(0, this.#at);
    const line = read.split("\n").length;
    const column = this.#at - (read.lastIndexOf("\n") + 1);
    throw evalError(
      "invalid-value",
      `[json.exception.parse_error.101] parse error at line ${line}, column ${column}: ${message}`,
    );
  }
}

function numberValue(text: string, integral: boolean): Value {
  if (integral) {
    const big = BigInt(text);
    const value = intFromBigInt(big);
    if (value !== undefined) return value;
    if (big > 0n && big < 2n ** 64n) {
      throw evalError("invalid-value", `unsigned json number ${text} outside of Nix integer range`);
    }
  }
  const float = Number(text);
  if (Number.isFinite(float)) return new Float(float);
  throw evalError("invalid-value", `[json.exception.out_of_range.406] number overflow parsing '${text}'`);
}

const CONTROL_NAMES =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(
    " ",
  );
const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map([
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [12, "\\f"],
  [13, "\\r"],
]);

function controlCharacter(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16).toUpperCase().padStart(4, "0");
  const short = SHORT_ESCAPES.get(code);
  const escapes = short === undefined ? `\\u${hex}` : `\\u${hex} or ${short}`;
  return `U+${hex} (${CONTROL_NAMES[code]}) must be escaped to ${escapes}`;
}

function showControls(text: ByteString): ByteString {
  return text.replace(
    /[\x00-\x1f]/g,
    (unit) => `<U+${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}>`,
  );
}

/** Whether bytes can be continued to valid UTF-8. */
function isUtf8Prefix(chunk: ByteString): boolean {
  const continuations = ["", "\x80", "\x80\x80", "\x80\x80\x80", "\xa0", "\xa0\x80", "\x90\x80\x80"];
  return continuations.some((tail) => isUtf8(bytesFromByteString(chunk + tail)));
}

/** A JSON text as a value, all of it at once. */
export function parseJson(text: ByteString): Value {
  return new JsonParser(text).parse();
}
