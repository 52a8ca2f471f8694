/**
 * TOML 1.0 documents.
 *
 * Tables remember how they came to be, as that decides what may still be added: `[a]` may define a table once, and
 * not one that dotted keys made; inline tables and arrays of values are closed when they end; `[[a]]` adds to an
 * array that only `[[a]]` made. `[a.b]` before `[a]` is fine.
 */
import type { ByteString } from "#base";
import { BARE_SCALAR, parseBareScalar, type TomlScalar, TomlSyntaxError } from "./scalar.ts";
import { parseTomlString } from "./string.ts";

/** Strings are byte strings. */
export type TomlNode = TomlScalar | ByteString | TomlTable | TomlArray;

/** What the reader of a document may want to say about it while it is parsed. */
export interface TomlParserOptions {
  /** Refuses a key or string by throwing. */
  readonly checkString?: ((text: ByteString) => void) | undefined;
  /** Runs what parses a nested value; throws where values are nested too deeply. */
  readonly nested?: (<T>(parse: () => T) => T) | undefined;
}

const MAX_DEPTH = 200;

export class TomlTable {
  readonly members = new Map<ByteString, TomlNode>();
  /** `implicit`: only named on the way to another; `header`: by `[a]`; `dotted`: by `a.b = `; `inline`: closed. */
  origin: "implicit" | "header" | "dotted" | "inline";
  constructor(origin: TomlTable["origin"]) {
    this.origin = origin;
  }
}

export class TomlArray {
  readonly items: TomlNode[] = [];
  readonly ofTables: boolean;
  constructor(ofTables: boolean) {
    this.ofTables = ofTables;
  }
}

const INSERT = "[error] toml::insert_value:";
const VALUE_EXISTS = `${INSERT} failed to insert a value, value already exists`;
const TABLE_EXISTS = `${INSERT} failed to insert a table, table already defined`;
const ARRAY_EXISTS = `${INSERT} failed to insert an array of tables, value already exists`;
const INLINE_TABLE = `${INSERT} failed to insert a value: inline table is immutable`;
const INLINE_ARRAY = `${INSERT} failed to insert a table, inline array of tables is immutable`;
const REOPENED = `${INSERT} reopening a table using dotted keys`;
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

  parse(): TomlTable {
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

  #key(): ByteString[] {
    const path: ByteString[] = [];
    do {
      this.#skipSpace();
      path.push(this.#simpleKey());
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
    const isArray = this.#text.startsWith("[[", this.#at);
    this.#at += isArray ? 2 : 1;
    const path = this.#headerKey(isArray);
    if (!this.#take(isArray ? "]]" : "]")) {
      throw new TomlSyntaxError(invalidHeader(isArray));
    }
    const name = path.pop() as ByteString;
    const parent = path.reduce(enterByHeader, this.#root);
    this.#current = isArray ? addToArray(parent, name) : defineTable(parent, name);
  }

  #headerKey(isArray: boolean): ByteString[] {
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
    const value = this.#value();
    const name = path.pop() as ByteString;
    const { members } = path.reduce(enterByDots, table);
    if (members.has(name)) throw new TomlSyntaxError(VALUE_EXISTS);
    members.set(name, value);
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
      array.items.push(this.#value());
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

/** Nothing can be added to an inline table, nor to what dotted keys made in it. */
function close(table: TomlTable): void {
  table.origin = "inline";
  for (const member of table.members.values()) {
    if (member instanceof TomlTable && member.origin !== "inline") close(member);
  }
}

function invalidHeader(isArray: boolean): string {
  return `[error] toml::parse_file: invalid ${isArray ? "array-table" : "table"} key`;
}

function enterByHeader(table: TomlTable, name: ByteString): TomlTable {
  const known = table.members.get(name);
  if (known === undefined) {
    const made = new TomlTable("implicit");
    table.members.set(name, made);
    return made;
  }
  if (known instanceof TomlTable) {
    if (known.origin === "inline") throw new TomlSyntaxError(INLINE_TABLE);
    return known;
  }
  const last = known instanceof TomlArray && known.ofTables ? known.items.at(-1) : undefined;
  if (last instanceof TomlTable) return last;
  throw new TomlSyntaxError(VALUE_EXISTS);
}

function enterByDots(table: TomlTable, name: ByteString): TomlTable {
  const known = table.members.get(name);
  if (known === undefined) {
    const made = new TomlTable("dotted");
    table.members.set(name, made);
    return made;
  }
  if (!(known instanceof TomlTable)) throw new TomlSyntaxError(VALUE_EXISTS);
  if (known.origin === "inline") throw new TomlSyntaxError(INLINE_TABLE);
  if (known.origin !== "dotted") throw new TomlSyntaxError(REOPENED);
  return known;
}

function defineTable(parent: TomlTable, name: ByteString): TomlTable {
  const known = parent.members.get(name);
  if (known === undefined) {
    const made = new TomlTable("header");
    parent.members.set(name, made);
    return made;
  }
  if (!(known instanceof TomlTable) || known.origin !== "implicit") throw new TomlSyntaxError(TABLE_EXISTS);
  known.origin = "header";
  return known;
}

function addToArray(parent: TomlTable, name: ByteString): TomlTable {
  const known = parent.members.get(name) ?? new TomlArray(true);
  if (!(known instanceof TomlArray)) throw new TomlSyntaxError(ARRAY_EXISTS);
  if (!known.ofTables) {
    const holdsTables = known.items.length > 0 && known.items.every((item) => item instanceof TomlTable);
    throw new TomlSyntaxError(holdsTables ? INLINE_ARRAY : ARRAY_EXISTS);
  }
  parent.members.set(name, known);
  const table = new TomlTable("header");
  known.items.push(table);
  return table;
}
