/**
 * What a TOML document is made of, and the rules of adding to it.
 *
 * Tables remember how they came to be, as that decides what may still be added: `[a]` may define a table once, and
 * not one that dotted keys made; inline tables and arrays of values are closed when they end; `[[a]]` adds to an
 * array that only `[[a]]` made. `[a.b]` before `[a]` is fine.
 */
import type { ByteString } from "#base";
import { type TomlScalar, TomlSyntaxError } from "./scalar.ts";

/** Strings are byte strings. */
export type TomlNode = TomlScalar | ByteString | TomlTable | TomlArray;

/** Where something stands in the document: bytes, the end not included. */
export interface TomlExtent {
  readonly start: number;
  readonly end: number;
}

/** Of a member: its own part of the key, and its value; of a table below a header, the header. */
export interface TomlPlace {
  readonly key: TomlExtent;
  readonly value: TomlExtent;
}

export class TomlTable {
  readonly members = new Map<ByteString, TomlNode>();
  /** Of each member where it was first named. */
  readonly places = new Map<ByteString, TomlPlace>();
  /** `implicit`: only named on the way to another; `header`: by `[a]`; `dotted`: by `a.b = `; `inline`: closed. */
  origin: "implicit" | "header" | "dotted" | "inline";
  constructor(origin: TomlTable["origin"]) {
    this.origin = origin;
  }
}

export class TomlArray {
  readonly items: TomlNode[] = [];
  /** Of each item. */
  readonly extents: TomlExtent[] = [];
  readonly ofTables: boolean;
  constructor(ofTables: boolean) {
    this.ofTables = ofTables;
  }
}

/** One part of a key. */
export interface Key {
  readonly name: ByteString;
  readonly extent: TomlExtent;
}

const INSERT = "[error] toml::insert_value:";
const VALUE_EXISTS = `${INSERT} failed to insert a value, value already exists`;
const TABLE_EXISTS = `${INSERT} failed to insert a table, table already defined`;
const ARRAY_EXISTS = `${INSERT} failed to insert an array of tables, value already exists`;
const INLINE_TABLE = `${INSERT} failed to insert a value: inline table is immutable`;
const INLINE_ARRAY = `${INSERT} failed to insert a table, inline array of tables is immutable`;
const REOPENED = `${INSERT} reopening a table using dotted keys`;
/** Adds what a key-value pair says. */
export function addMember(
  { members, places }: TomlTable,
  { name, extent }: Key,
  value: { readonly node: TomlNode; readonly extent: TomlExtent },
): void {
  if (members.has(name)) throw repeated(VALUE_EXISTS, extent);
  members.set(name, value.node);
  places.set(name, { key: extent, value: value.extent });
}

/** Nothing can be added to an inline table, nor to what dotted keys made in it. */
export function close(table: TomlTable): void {
  table.origin = "inline";
  for (const member of table.members.values()) {
    if (member instanceof TomlTable && member.origin !== "inline") close(member);
  }
}

function repeated(message: string, extent: TomlExtent): TomlSyntaxError {
  const error = new TomlSyntaxError(message);
  error.offset = extent.start;
  return error;
}

export function enterByHeader(table: TomlTable, { name, extent }: Key): TomlTable {
  const known = table.members.get(name);
  if (known === undefined) return addTable(table, { name, extent }, { origin: "implicit", value: extent });
  if (known instanceof TomlTable) {
    if (known.origin === "inline") throw repeated(INLINE_TABLE, extent);
    return known;
  }
  const last = known instanceof TomlArray && known.ofTables ? known.items.at(-1) : undefined;
  if (last instanceof TomlTable) return last;
  throw repeated(VALUE_EXISTS, extent);
}

export function enterByDots(table: TomlTable, { name, extent }: Key): TomlTable {
  const known = table.members.get(name);
  if (known === undefined) return addTable(table, { name, extent }, { origin: "dotted", value: extent });
  if (!(known instanceof TomlTable)) throw repeated(VALUE_EXISTS, extent);
  if (known.origin === "inline") throw repeated(INLINE_TABLE, extent);
  if (known.origin !== "dotted") throw repeated(REOPENED, extent);
  return known;
}

function addTable(
  parent: TomlTable,
  { name, extent }: Key,
  { origin, value }: { readonly origin: TomlTable["origin"]; readonly value: TomlExtent },
): TomlTable {
  const made = new TomlTable(origin);
  parent.members.set(name, made);
  parent.places.set(name, { key: extent, value });
  return made;
}

export function defineTable(parent: TomlTable, { name, extent }: Key, header: TomlExtent): TomlTable {
  const known = parent.members.get(name);
  if (known === undefined) return addTable(parent, { name, extent }, { origin: "header", value: header });
  if (!(known instanceof TomlTable) || known.origin !== "implicit") throw repeated(TABLE_EXISTS, extent);
  known.origin = "header";
  return known;
}

export function addToArray(parent: TomlTable, { name, extent }: Key, header: TomlExtent): TomlTable {
  const known = parent.members.get(name) ?? new TomlArray(true);
  if (!(known instanceof TomlArray)) throw repeated(ARRAY_EXISTS, extent);
  if (!known.ofTables) {
    const holdsTables = known.items.length > 0 && known.items.every((item) => item instanceof TomlTable);
    throw repeated(holdsTables ? INLINE_ARRAY : ARRAY_EXISTS, extent);
  }
  if (!parent.members.has(name)) {
    parent.members.set(name, known);
    parent.places.set(name, { key: extent, value: header });
  }
  const table = new TomlTable("header");
  known.items.push(table);
  known.extents.push(header);
  return table;
}
