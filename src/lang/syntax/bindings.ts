/**
 * Bindings of a set or a `let` while they are read. `a.b = 1; a.c = 2;` is one set `a`, and so is `a.b = 1;
 * a = { c = 2; };`: sets written under one name are merged, anything else twice is an error. As in Nix the first
 * set decides whether the merged one is recursive.
 */
import { type ByteString, CopseError, textFromByteString } from "#base";
import type { Attr, AttrName, AttrSet, Binder, Bindings, Expr } from "./ast.ts";
import { formatAttrPath } from "./format.ts";
import type { DocComment } from "./lexer.ts";
import type { Parser } from "./parser.ts";
import { place } from "./syntax-error.ts";

/** `Bindings` that can still grow. Every `Bindings` the parser makes is one. */
export interface GrowingBindings extends Bindings {
  readonly attrs: Attr[];
  readonly inheritFrom: Expr[];
  readonly dynamic: { name: Expr; value: Expr; start: number }[];
}

export function emptyBindings(): GrowingBindings {
  return { attrs: [], inheritFrom: [], dynamic: [] };
}

// Most sets are small: looking through them is faster than indexing.
const indexedFrom = 12;

/** Adds to bindings and finds what is there. Lives as long as one parse. */
export class BindingsMerger {
  readonly #parser: Parser;
  readonly #indexes = new Map<Bindings, Map<ByteString, number>>();

  constructor(parser: Parser) {
    this.#parser = parser;
  }

  /** `path = expr;` */
  add(bindings: GrowingBindings, path: readonly AttrName[], expr: Expr): void {
    const { start, end } = path[0] as AttrName;
    let target = bindings;
    for (let i = 0; i < path.length - 1; i++)
      target = this.#enter(target, path.slice(0, i + 1), start, expr.end);
    const last = path[path.length - 1] as AttrName;
    if (last.kind === "dynamic") {
      target.dynamic.push({ name: last.expr, value: expr, start });
    } else {
      const attr: Attr = { binder: { name: last.name, start }, value: { kind: "plain", expr } };
      this.#insert(target, attr, { path, end });
    }
    const doc = this.#parser.lexer.docs.get(start);
    if (doc !== undefined) setDoc(expr, doc);
  }

  /** `inherit x;` and `inherit (from) x;` */
  inherit(bindings: GrowingBindings, binder: Binder, end: number, from: number | undefined): void {
    const found = this.#find(bindings, binder.name);
    if (found >= 0) {
      this.#duplicate([staticName(binder)], binder.start, end, (bindings.attrs[found] as Attr).binder.start);
    }
    const { name, start } = binder;
    const value: Attr["value"] =
      from === undefined
        ? { kind: "inherit", variable: { kind: "var", start, end, name, ref: undefined } }
        : { kind: "inherit-from", from };
    this.#append(bindings, { binder, value });
  }

  /** The set at the end of `path`, whose last name is looked up in `bindings` and made where it is missing. */
  #enter(bindings: GrowingBindings, path: readonly AttrName[], start: number, end: number): GrowingBindings {
    const name = path[path.length - 1] as AttrName;
    const nested = emptyBindings();
    const set: AttrSet = { kind: "attrs", start, end, recursive: false, bindings: nested };
    if (name.kind === "dynamic") {
      bindings.dynamic.push({ name: name.expr, value: set, start });
      return nested;
    }
    const found = this.#find(bindings, name.name);
    if (found < 0) {
      this.#append(bindings, { binder: { name: name.name, start }, value: { kind: "plain", expr: set } });
      return nested;
    }
    const attr = bindings.attrs[found] as Attr;
    const existing = plainSet(attr);
    if (existing === undefined) this.#duplicate(path, start, name.end, attr.binder.start);
    return growing(existing);
  }

  #insert(
    bindings: GrowingBindings,
    attr: Attr,
    written: { readonly path: readonly AttrName[]; readonly end: number },
  ): void {
    const found = this.#find(bindings, attr.binder.name);
    if (found < 0) {
      this.#append(bindings, attr);
      if (attr.value.kind === "plain") setName(attr.value.expr, attr.binder.name);
      return;
    }
    const existing = bindings.attrs[found] as Attr;
    const into = plainSet(existing);
    const added = plainSet(attr);
    if (into === undefined || added === undefined) {
      this.#duplicate(written.path, attr.binder.start, written.end, existing.binder.start);
    }
    this.#merge(growing(into), growing(added), written.path);
  }

  #merge(into: GrowingBindings, added: GrowingBindings, path: readonly AttrName[]): void {
    const shift = into.inheritFrom.length;
    for (const { binder, value } of added.attrs) {
      const moved = value.kind === "inherit-from" ? { kind: value.kind, from: value.from + shift } : value;
      const end = binder.start + binder.name.length;
      this.#insert(into, { binder, value: moved }, { path: [...path, staticName(binder)], end });
    }
    into.inheritFrom.push(...added.inheritFrom);
    into.dynamic.push(...added.dynamic);
  }

  #find(bindings: GrowingBindings, name: ByteString): number {
    const { attrs } = bindings;
    if (attrs.length < indexedFrom) {
      for (let i = 0; i < attrs.length; i++) if ((attrs[i] as Attr).binder.name === name) return i;
      return -1;
    }
    let index = this.#indexes.get(bindings);
    if (index === undefined) {
      index = new Map(attrs.map(({ binder }, i) => [binder.name, i]));
      this.#indexes.set(bindings, index);
    }
    return index.get(name) ?? -1;
  }

  #append(bindings: GrowingBindings, attr: Attr): void {
    this.#indexes.get(bindings)?.set(attr.binder.name, bindings.attrs.length);
    bindings.attrs.push(attr);
  }

  #duplicate(path: readonly AttrName[], start: number, end: number, previous: number): never {
    const source = this.#parser.lexer.source;
    const shown = textFromByteString(formatAttrPath(path));
    const message = `attribute '${shown}' already defined at ${place(source, previous)}`;
    throw new CopseError("duplicate-attribute", message, { span: { source, start, end } });
  }
}

/** A doc comment belongs to all functions of `a: b: c: ...` that have none of their own. */
export function setDoc(expr: Expr, doc: DocComment): void {
  for (let e = expr; e.kind === "lambda" && e.doc === undefined; e = e.body) e.doc = doc;
}

function setName(expr: Expr, name: ByteString): void {
  for (let e = expr; e.kind === "lambda"; e = e.body) e.name = name;
}

function plainSet({ value }: Attr): AttrSet | undefined {
  return value.kind === "plain" && value.expr.kind === "attrs" ? value.expr : undefined;
}

/** The one constructor of sets is the parser, which makes them from `emptyBindings`. */
function growing(set: AttrSet): GrowingBindings {
  return set.bindings as GrowingBindings;
}

function staticName({ name, start }: Binder): AttrName {
  return { kind: "static", name, start, end: start + name.length };
}
