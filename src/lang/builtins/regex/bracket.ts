/**
 * Bracket expressions, `[a-z[:digit:]_]`, as sets of bytes.
 *
 * A set is told apart from ordinary text by its own lexical rules: a backslash is an ordinary character, `]` is
 * one when it comes first, and `-` is one when it comes first or last.
 */
import type { ByteString } from "#base";
import { RegexSyntaxError } from "./syntax.ts";

/** A set of bytes. */
export class CharacterSet {
  readonly #members: Uint8Array;

  constructor(members: Uint8Array) {
    this.#members = members;
  }

  static single(byte: number): CharacterSet {
    const members = new Uint8Array(256);
    members[byte] = 1;
    return new CharacterSet(members);
  }

  static allExcept(bytes: readonly number[]): CharacterSet {
    const members = new Uint8Array(256).fill(1);
    for (const byte of bytes) members[byte] = 0;
    return new CharacterSet(members);
  }

  has(byte: number): boolean {
    return this.#members[byte] === 1;
  }

  /** A class of JavaScript's regular expressions with the same bytes. */
  source(): string {
    const parts: string[] = [];
    for (let from = 0; from < 256; from++) {
      if (!this.has(from)) continue;
      let to = from;
      while (to < 255 && this.has(to + 1)) to++;
      parts.push(to === from ? hexEscape(from) : `${hexEscape(from)}-${hexEscape(to)}`);
      from = to;
    }
    return parts.length === 1 && !parts[0]?.includes("-") ? (parts[0] as string) : `[${parts.join("")}]`;
  }
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** The C locale's classes; `d`, `s` and `w` are the library's own. */
const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ["d", /[0-9]/],
  ["w", /[A-Za-z0-9_]/],
  ["s", /[ \t\n\v\f\r]/],
  ["alnum", /[A-Za-z0-9]/],
  ["alpha", /[A-Za-z]/],
  ["blank", /[ \t]/],
  ["cntrl", /[\x00-\x1f\x7f]/],
  ["digit", /[0-9]/],
  ["graph", /[\x21-\x7e]/],
  ["lower", /[a-z]/],
  ["print", /[\x20-\x7e]/],
  ["punct", /[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/],
  ["space", /[ \t\n\v\f\r]/],
  ["upper", /[A-Z]/],
  ["xdigit", /[0-9A-Fa-f]/],
]);

/** POSIX's names of the ASCII characters, in their order. Letters stand for themselves. */
const COLLATING_NAMES = (
  "NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed carriage-return SO SI DLE DC1 " +
  "DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1 space exclamation-mark quotation-mark number-sign " +
  "dollar-sign percent-sign ampersand apostrophe left-parenthesis right-parenthesis asterisk plus-sign comma " +
  "hyphen period slash zero one two three four five six seven eight nine colon semicolon less-than-sign " +
  "equals-sign greater-than-sign question-mark commercial-at A B C D E F G H I J K L M N O P Q R S T U V W X Y Z " +
  "left-square-bracket backslash right-square-bracket circumflex underscore grave-accent a b c d e f g h i j k l " +
  "m n o p q r s t u v w x y z left-curly-bracket vertical-line right-curly-bracket tilde DEL"
).split(" ");

function collatingElement(name: string): number {
  const byte = COLLATING_NAMES.indexOf(name);
  if (byte < 0) throw new RegexSyntaxError("invalid");
  return byte;
}

/** A lexical unit inside of brackets. */
type Unit =
  | { readonly kind: "character"; readonly byte: number }
  | { readonly kind: "class"; readonly name: string }
  | { readonly kind: "equivalence"; readonly name: string }
  | { readonly kind: "dash" }
  | { readonly kind: "close" };

class BracketParser {
  readonly #text: ByteString;
  #at: number;
  #first = true;
  readonly #members = new Uint8Array(256);
  /** The character that a following dash would make the start of a range; a class cannot be one. */
  #pending: number | "class" | undefined;

  constructor(text: ByteString, at: number) {
    this.#text = text;
    this.#at = at;
  }

  parse(): { set: CharacterSet; end: number } {
    const negated = this.#text[this.#at] === "^";
    if (negated) this.#at++;
    let unit = this.#next();
    // A dash that comes first is an ordinary character.
    if (unit.kind === "dash") {
      this.#pending = 0x2d;
      unit = this.#next();
    }
    while (unit.kind !== "close") {
      if (unit.kind === "dash" && this.#dash()) break;
      if (unit.kind !== "dash") this.#add(unit);
      unit = this.#next();
    }
    this.#flush();
    const members = negated ? this.#members.map((member) => 1 - member) : this.#members;
    return { set: new CharacterSet(members), end: this.#at };
  }

  #next(): Unit {
    const character = this.#text[this.#at++];
    if (character === undefined) throw new RegexSyntaxError("invalid");
    const first = this.#first;
    this.#first = false;
    if (character === "-") return { kind: "dash" };
    if (character === "]" && !first) return { kind: "close" };
    if (character === "[") return this.#named();
    return { kind: "character", byte: character.charCodeAt(0) };
  }

  /** After `[`: a named unit, or the bracket itself. */
  #named(): Unit {
    const mark = this.#text[this.#at];
    if (mark === undefined) throw new RegexSyntaxError("invalid");
    if (mark !== "." && mark !== ":" && mark !== "=") return { kind: "character", byte: 0x5b };
    const close = this.#text.indexOf(mark, this.#at + 1);
    if (close < 0 || this.#text[close + 1] !== "]") throw new RegexSyntaxError("invalid");
    const name = this.#text.slice(this.#at + 1, close);
    this.#at = close + 2;
    if (mark === ":") return { kind: "class", name };
    return mark === "=" ? { kind: "equivalence", name } : { kind: "character", byte: collatingElement(name) };
  }

  #add(unit: Exclude<Unit, { kind: "dash" | "close" }>): void {
    this.#flush();
    if (unit.kind === "character") {
      this.#pending = unit.byte;
      return;
    }
    this.#pending = "class";
    if (unit.kind === "class") {
      this.#addClass(unit.name.toLowerCase());
      return;
    }
    // Characters are equivalent when they differ in case only.
    const character = String.fromCharCode(collatingElement(unit.name));
    this.#members[character.toLowerCase().charCodeAt(0)] = 1;
    this.#members[character.toUpperCase().charCodeAt(0)] = 1;
  }

  #addClass(name: string): void {
    const pattern = CLASSES.get(name);
    if (!pattern) throw new RegexSyntaxError("invalid");
    for (let byte = 0; byte < 128; byte++)
      if (pattern.test(String.fromCharCode(byte))) this.#members[byte] = 1;
  }

  /** A dash that is not the first unit: part of a range, or the last unit. True when it closed the brackets. */
  #dash(): boolean {
    const end = this.#next();
    if (end.kind === "close") {
      this.#flush();
      this.#pending = 0x2d;
      return true;
    }
    const from = this.#pending;
    const to = end.kind === "character" ? end.byte : end.kind === "dash" ? 0x2d : undefined;
    if (typeof from !== "number" || to === undefined) throw new RegexSyntaxError("invalid");
    this.#addRange(from, to);
    this.#pending = undefined;
    return false;
  }

  // The library compares characters as signed numbers: 0x80 is the least, 0x7f the greatest.
  #addRange(from: number, to: number): void {
    const [low, high] = [(from << 24) >> 24, (to << 24) >> 24];
    if (low > high) throw new RegexSyntaxError("invalid");
    for (let signed = low; signed <= high; signed++) this.#members[signed & 0xff] = 1;
  }

  #flush(): void {
    if (typeof this.#pending === "number") this.#members[this.#pending] = 1;
    this.#pending = undefined;
  }
}

/** Parses from after `[`; `end` is after `]`. */
export function parseBracket(text: ByteString, at: number): { set: CharacterSet; end: number } {
  return new BracketParser(text, at).parse();
}
