/**
 * Values as text. Nix has two printers: the old one of `nix-instantiate --eval` (`printAmbiguous`), and the
 * newer one of messages, `trace` and `nix eval` (`printValue`), which limits, elides and can indent.
 */
import { type ByteString, CopseError, lineColumn } from "#base";
import { Attrs } from "./attrs.ts";
import { attempt, calls, throwStackOverflow } from "./call-depth.ts";
import { formatFloatShort } from "./format-float.ts";
import { Lambda, PartialPrimOp, PrimOp } from "./function.ts";
import { blackhole, force, peek, Thunk } from "./thunk.ts";
import { ContextString, Float, type Lazy, Path, type Value } from "./value.ts";

// Byte strings, like all text of the language: UTF-8 as Latin-1 units.
const REPEATED = Buffer.from("«repeated»").toString("latin1");
const OPEN = Buffer.from("«").toString("latin1");
const CLOSE = Buffer.from("»").toString("latin1");

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "${": "\\${",
};

/** A string literal of the language. */
export function printString(text: ByteString, maxLength = Number.POSITIVE_INFINITY): ByteString {
  const shown = text.length > maxLength ? text.slice(0, maxLength) : text;
  // Where a `$` is the last one shown, what follows it still decides.
  const escaped = shown.replace(/["\\\n\r\t]|\$\{/g, (match) => ESCAPES[match] as string);
  if (shown.length === text.length) return `"${escaped}"`;
  const dollarCut = shown.endsWith("$") && text[maxLength] === "{";
  const body = dollarCut ? `${escaped.slice(0, -1)}\\$` : escaped;
  return `"${body}" ${elided(text.length - maxLength, "byte", "bytes")}`;
}

const RESERVED = new Set(["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"]);

/** The name of an attribute, quoted where the grammar wants it. */
export function printAttributeName(name: ByteString): ByteString {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) && !RESERVED.has(name) ? name : printString(name);
}

/** As `nix-instantiate --eval` prints; nothing is forced. */
export function printAmbiguous(value: Lazy): ByteString {
  const out: string[] = [];
  ambiguous(value, out, new Set(), 0);
  return out.join("");
}

/** A set is told by what it is, a list by where it stands: the list that printing starts from stands nowhere. */
function ambiguous(lazy: Lazy, out: string[], seen: Set<unknown>, depth: number): void {
  if (depth > calls.limit) throwStackOverflow();
  const value = peek(lazy);
  if (!(value instanceof Attrs) && !isList(value)) {
    out.push(ambiguousAtom(value));
    return;
  }
  const identity = isList(value) ? lazy : value;
  const isEmpty = isList(value) ? value.length === 0 : value.isEmpty;
  if (!isEmpty && seen.has(identity)) {
    out.push(REPEATED);
    return;
  }
  if (depth > 0 || !isList(value)) seen.add(identity);
  out.push(isList(value) ? "[ " : "{ ");
  if (isList(value)) {
    for (const item of value) {
      ambiguous(item, out, seen, depth + 1);
      out.push(" ");
    }
  } else {
    const slots = value.values();
    value.names().forEach((name, i) => {
      out.push(printAttributeName(name), " = ");
      ambiguous(slots[i] as Lazy, out, seen, depth + 1);
      out.push("; ");
    });
  }
  out.push(isList(value) ? "]" : "}");
}

function ambiguousAtom(value: Exclude<Lazy, Attrs | readonly Lazy[]>): string {
  if (value instanceof Thunk) {
    return value.code === blackhole ? `${OPEN}potential infinite recursion${CLOSE}` : "<CODE>";
  }
  if (value instanceof Lambda) return "<LAMBDA>";
  if (value instanceof PrimOp) return "<PRIMOP>";
  if (value instanceof PartialPrimOp) return "<PRIMOP-APP>";
  return printScalar(value, Number.POSITIVE_INFINITY);
}

function printScalar(
  value: null | boolean | number | bigint | string | Float | ContextString | Path,
  maxStringLength: number,
): string {
  if (typeof value === "string") return printString(value, maxStringLength);
  if (value instanceof ContextString) return printString(value.text, maxStringLength);
  if (value instanceof Float) return formatFloatShort(value.value);
  if (value instanceof Path) return value.path;
  return String(value);
}

export interface PrintOptions {
  /** Evaluate what is met. */
  readonly force?: boolean;
  /** Show derivations by their path; only together with `force`. */
  readonly derivationPaths?: boolean;
  readonly maxDepth?: number;
  readonly maxAttrs?: number;
  readonly maxListItems?: number;
  readonly maxStringLength?: number;
  /** Spaces of indentation; 0 prints all in one line. */
  readonly indent?: number;
  readonly errors?: "print" | "throw" | "throw-top-level";
}

const ERROR_OPTIONS: PrintOptions = { maxDepth: 10, maxAttrs: 10, maxListItems: 10, maxStringLength: 1024 };

/** As messages show a value: abbreviated, nothing forced. */
export function printForError(value: Lazy): ByteString {
  return printValue(value, ERROR_OPTIONS);
}

/** As `trace`, `nix eval` and the REPL print. */
export function printValue(value: Lazy, options: PrintOptions = {}): ByteString {
  const printer = new Printer(options);
  printer.print(value, 0);
  return printer.out.join("");
}

class Printer {
  readonly out: string[] = [];
  readonly #options: PrintOptions;
  readonly #seen = new Set<unknown>();
  #attrsPrinted = 0;
  #itemsPrinted = 0;
  #indent = "";

  constructor(options: PrintOptions) {
    this.#options = options;
  }

  print(lazy: Lazy, depth: number): void {
    if (depth > calls.limit) throwStackOverflow();
    const behaviour = this.#options.errors ?? "print";
    if (behaviour === "throw" || (behaviour === "throw-top-level" && depth === 0)) {
      this.#printResolved(lazy, depth);
      return;
    }
    attempt(
      () => this.#printResolved(lazy, depth),
      (error) => {
        if (!(error instanceof CopseError) || error.code === "stack-overflow") throw error;
        this.out.push(`${OPEN}error: ${error.message}${CLOSE}`);
      },
    );
  }

  #printResolved(lazy: Lazy, depth: number): void {
    const value = this.#options.force ? force(lazy) : peek(lazy);
    if (value instanceof Attrs) this.#printAttrs(value, depth);
    else if (isList(value)) this.#printList(value, depth);
    else if (value instanceof Thunk) this.out.push(printThunk(value));
    else if (value instanceof Lambda || value instanceof PrimOp || value instanceof PartialPrimOp) {
      this.out.push(printFunction(value));
    } else this.out.push(printScalar(value, this.#options.maxStringLength ?? Number.POSITIVE_INFINITY));
  }

  #printAttrs(attrs: Attrs, depth: number): void {
    if (this.#isRepeated(attrs)) return;
    const { maxDepth = Number.POSITIVE_INFINITY, maxAttrs = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#options.force && this.#options.derivationPaths && isDerivation(attrs)) {
      this.#printDerivation(attrs);
    } else if (depth >= maxDepth) {
      this.out.push("{ ... }");
    } else {
      const names = maxAttrs === Number.POSITIVE_INFINITY ? attrs.names() : importantFirst(attrs.names());
      const pretty = this.#isPretty(names.map((name) => attrs.get(name) as Lazy));
      this.#nested("{", "}", pretty, () => {
        let printed = 0;
        for (const name of names) {
          this.#space(pretty);
          if (this.#attrsPrinted >= maxAttrs) {
            this.out.push(elided(names.length - printed, "attribute", "attributes"));
            return;
          }
          this.out.push(printAttributeName(name), " = ");
          this.print(attrs.get(name) as Lazy, depth + 1);
          this.out.push(";");
          this.#attrsPrinted++;
          printed++;
        }
      });
    }
  }

  #printList(list: readonly Lazy[], depth: number): void {
    if (list.length > 0 && this.#isRepeated(list)) return;
    const { maxDepth = Number.POSITIVE_INFINITY, maxListItems = Number.POSITIVE_INFINITY } = this.#options;
    if (depth >= maxDepth) {
      this.out.push("[ ... ]");
      return;
    }
    const pretty = this.#isPretty(list);
    this.#nested("[", "]", pretty, () => {
      let printed = 0;
      for (const item of list) {
        this.#space(pretty);
        if (this.#itemsPrinted >= maxListItems) {
          this.out.push(elided(list.length - printed, "item", "items"));
          return;
        }
        this.print(item, depth + 1);
        this.#itemsPrinted++;
        printed++;
      }
    });
  }

  #nested(open: string, close: string, pretty: boolean, body: () => void): void {
    const outer = this.#indent;
    this.#indent += " ".repeat(this.#options.indent ?? 0);
    this.out.push(open);
    body();
    this.#indent = outer;
    this.#space(pretty);
    this.out.push(close);
  }

  #space(pretty: boolean): void {
    this.out.push(pretty ? `\n${this.#indent}` : " ");
  }

  /** Over several lines when there is more than one item, or one that is itself nested. */
  #isPretty(items: readonly Lazy[]): boolean {
    if (!this.#options.indent || items.length === 0) return false;
    if (items.length > 1) return true;
    const only = force(items[0] as Lazy);
    return only instanceof Attrs || isList(only);
  }

  #isRepeated(value: unknown): boolean {
    if (!this.#seen.has(value)) {
      this.#seen.add(value);
      return false;
    }
    this.out.push(REPEATED);
    return true;
  }

  #printDerivation(attrs: Attrs): void {
    const drvPath = attrs.get("drvPath");
    const value = drvPath === undefined ? "" : force(drvPath);
    const path = value instanceof ContextString ? value.text : value;
    this.out.push(
      typeof path === "string" && path !== ""
        ? `${OPEN}derivation ${path}${CLOSE}`
        : `${OPEN}derivation${CLOSE}`,
    );
  }
}

function printThunk(thunk: Thunk): string {
  return thunk.code === blackhole ? `${OPEN}potential infinite recursion${CLOSE}` : `${OPEN}thunk${CLOSE}`;
}

function printFunction(value: Lambda | PrimOp | PartialPrimOp): string {
  if (value instanceof PrimOp) return `${OPEN}primop ${value.name}${CLOSE}`;
  if (value instanceof PartialPrimOp) return `${OPEN}partially applied primop ${value.op.name}${CLOSE}`;
  const { name, source, start } = value.code;
  const { line, column } = lineColumn(source, start);
  return `${OPEN}lambda${name === undefined ? "" : ` ${name}`} @ ${source.name}:${line}:${column}${CLOSE}`;
}

function importantFirst(names: readonly string[]): string[] {
  const important = names.filter((name) => name === "type" || name === "_type");
  return [...important, ...names.filter((name) => name !== "type" && name !== "_type")];
}

function elided(count: number, single: string, plural: string): string {
  return `${OPEN}${count} ${count === 1 ? single : plural} elided${CLOSE}`;
}

/** A set whose `type` is `"derivation"`; forces that attribute. */
export function isDerivation(value: Value): value is Attrs {
  if (!(value instanceof Attrs)) return false;
  const type = value.get("type");
  if (type === undefined) return false;
  const text = force(type);
  return text === "derivation" || (text instanceof ContextString && text.text === "derivation");
}

export function isList(value: Lazy): value is readonly Lazy[] {
  return Array.isArray(value);
}
