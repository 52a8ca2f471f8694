/** The grammar of TOML 1.0: text to a tree of tables, with the place of every key and value. */
import type { ByteString } from "#base";
import { BARE_SCALAR, isDateOrTime, parseBareScalar, TomlSyntaxError } from "./scalar.ts";
import { parseTomlString } from "./string.ts";
import {
  addMember,
  addToArray,
  close,
  defineTable,
  enterByDots,
  enterByHeader,
  type Key,
  TomlArray,
  type TomlNode,
  TomlTable,
} from "./tables.ts";

/** What the reader of a document may want to say about it while it is parsed. */
export interface TomlParserOptions {
  /** Refuses a key or string by throwing. */
  readonly checkString?: ((text: ByteString) => void) | undefined;
  /** Runs what parses a nested value; throws where values are nested too deeply. */
  readonly nested?: (<T>(parse: () => T) => T) | undefined;
  /** What a date or a time is read as. Without it, they are refused. */
  readonly date?: ((word: string) => TomlNode) | undefined;
}

const MAX_DEPTH = 200;

const INVALID_KEY =
  "[error] toml::parse_simple_key: invalid key: key must be \"quoted\", 'quoted-literal', or bare key.";

export class TomlParser {
  readonly #text: ByteString;
  #at = 0;
  readonly #root = new TomlTable("header");
  #current = this.#root;

  #depth = 0;
  readonly #options: TomlParserOptions;

  constructor(text: ByteString, options: TomlParserOptions = {}) {
    this.#text = text;
    this.#options = options;
  }

  /** @throws TomlSyntaxError with the offset at which the document stops making sense. */
  parse(): TomlTable {
    try {
      return this.#document();
    } catch (error) {
      if (error instanceof TomlSyntaxError) error.offset ??= this.#at;
      throw error;
    }
  }

  #document(): TomlTable {
    if (this.#text.startsWith("\xef\xbb\xbf")) this.#at = 3;
    for (;;) {
      this.#skipBlank();
      if (this.#at >= this.#text.length) return this.#root;
      const isHeader = this.#text[this.#at] === "[";
      if (isHeader) this.#header();
      else this.#keyValue(this.#current);
      this.#endOfLine(isHeader);
    }
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at++;
  }

  #skipComment(): void {
    if (this.#text[this.#at] !== "#") return;
    while (this.#at < this.#text.length && this.#text[this.#at] !== "\n") this.#at++;
  }

  /** White space, comments and newlines. */
  #skipBlank(): void {
    for (;;) {
      const start = this.#at;
      this.#skipSpace();
      this.#skipComment();
      this.#newline();
      if (this.#at === start) return;
    }
  }

  #newline(): boolean {
    if (this.#text[this.#at] === "\n") this.#at++;
    else if (this.#text.startsWith("\r\n", this.#at)) this.#at += 2;
    else return false;
    return true;
  }

  #endOfLine(afterHeader: boolean): void {
    this.#skipSpace();
    this.#skipComment();
    if (this.#at < this.#text.length && !this.#newline()) {
      throw new TomlSyntaxError(
        afterHeader
          ? "[error] toml::parse_file: newline (or EOF) expected"
          : "[error] toml::parse_table: newline (LF / CRLF) or EOF is expected",
      );
    }
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #key(): Key[] {
    const path: Key[] = [];
    do {
      this.#skipSpace();
      const start = this.#at;
      const name = this.#simpleKey();
      path.push({ name, extent: { start, end: this.#at } });
      this.#skipSpace();
    } while (this.#take("."));
    return path;
  }

  #simpleKey(): ByteString {
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") {
      const { value, end } = parseTomlString(this.#text, this.#at, { multiline: false });
      this.#at = end;
      this.#options.checkString?.(value);
      return value;
    }
    const start = this.#at;
    while (/[A-Za-z0-9_-]/.test(this.#text[this.#at] ?? "")) this.#at++;
    if (this.#at === start) throw new TomlSyntaxError(INVALID_KEY);
    return this.#text.slice(start, this.#at);
  }

  #header(): void {
    const start = this.#at;
    const isArray = this.#text.startsWith("[[", this.#at);
    this.#at += isArray ? 2 : 1;
    const path = this.#headerKey(isArray);
    if (!this.#take(isArray ? "]]" : "]")) {
      throw new TomlSyntaxError(invalidHeader(isArray));
    }
    const last = path.pop() as Key;
    const extent = { start, end: this.#at };
    const parent = path.reduce(enterByHeader, this.#root);
    this.#current = isArray ? addToArray(parent, last, extent) : defineTable(parent, last, extent);
  }

  #headerKey(isArray: boolean): Key[] {
    try {
      return this.#key();
    } catch (error) {
      if (error instanceof TomlSyntaxError)
        throw new TomlSyntaxError(invalidHeader(isArray), { cause: error });
      throw error;
    }
  }

  #keyValue(table: TomlTable): void {
    const path = this.#key();
    if (!this.#take("=")) {
      throw new TomlSyntaxError("[error] toml::parse_key_value_pair: invalid key value separator `=`");
    }
    this.#skipSpace();
    const start = this.#at;
    const value = this.#value();
    const last = path.pop() as Key;
    const extent = { start, end: this.#at };
    addMember(path.reduce(enterByDots, table), last, { node: value, extent });
  }

  #value(): TomlNode {
    const character = this.#text[this.#at];
    if (character === '"' || character === "'") {
      const { value, end } = parseTomlString(this.#text, this.#at);
      this.#at = end;
      this.#options.checkString?.(value);
      return value;
    }
    if (character === "[") return this.#nested(() => this.#array());
    if (character === "{") return this.#nested(() => this.#inlineTable());
    BARE_SCALAR.lastIndex = this.#at;
    const word = BARE_SCALAR.exec(this.#text)?.[0];
    if (word === undefined) throw new TomlSyntaxError("[error] bad format: unknown value appeared");
    this.#at += word.length;
    if (this.#options.date && isDateOrTime(word)) return this.#options.date(word);
    return parseBareScalar(word);
  }

  #nested<T>(parse: () => T): T {
    if (this.#options.nested) return this.#options.nested(parse);
    if (++this.#depth > MAX_DEPTH) throw new TomlSyntaxError("[error] values are nested too deeply");
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  #array(): TomlArray {
    const array = new TomlArray(false);
    this.#at++;
    this.#skipBlank();
    while (!this.#take("]")) {
      const start = this.#at;
      array.items.push(this.#value());
      array.extents.push({ start, end: this.#at });
      this.#skipBlank();
      if (this.#take(",")) this.#skipBlank();
      else if (this.#text[this.#at] !== "]") {
        const isCut = this.#at >= this.#text.length;
        throw new TomlSyntaxError(
          `[error] toml::parse_array: ${isCut ? "missing closing bracket `]`" : "expected value-separator `,` or closing `]`"}`,
        );
      }
    }
    return array;
  }

  #inlineTable(): TomlTable {
    const table = new TomlTable("dotted");
    this.#at++;
    this.#skipSpace();
    while (!this.#take("}")) {
      this.#keyValue(table);
      this.#skipSpace();
      if (this.#take(",")) {
        this.#skipSpace();
        if (this.#text[this.#at] === "}") {
          throw new TomlSyntaxError(
            "[error] toml::parse_inline_table: trailing comma is not allowed in TOML-v1.0.0)",
          );
        }
      } else if (this.#text[this.#at] !== "}") {
        throw new TomlSyntaxError(
          "[error] toml::parse_inline_table: expected value-separator `,` or closing `}`",
        );
      }
    }
    close(table);
    return table;
  }
}

function invalidHeader(isArray: boolean): string {
  return `[error] toml::parse_file: invalid ${isArray ? "array-table" : "table"} key`;
}
