/**
 * JSON with places: every value knows where it stands, so that what is wrong with a lock can be pointed at.
 * RFC 8259, nothing more; an object that has a name twice is refused, as nobody can know which one counts.
 */
import { byteStringFromText, CopseError, type Source, type Span, textFromByteString } from "#base";

export type LocatedJson = { readonly start: number; readonly end: number } & (
  | { readonly kind: "object"; readonly entries: ReadonlyMap<string, LocatedJson> }
  | { readonly kind: "array"; readonly items: readonly LocatedJson[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" }
);

const MAX_DEPTH = 64;

/** What is thrown for malformed text. */
export interface JsonFault {
  readonly code: string;
  readonly hint?: string | undefined;
}

/** Throws a CopseError with the place. */
export function parseLocatedJson(source: Source, fault: JsonFault): LocatedJson {
  return new Reader(source, fault).document();
}

export function jsonSource(name: string, text: string): Source {
  return { name, text: byteStringFromText(text) };
}

/**
 * The same for text that is well-formed, without places, in a twentieth of the time: for reading what will
 * turn out to be right. Undefined where the text is malformed, or a name may be there twice.
 */
export function parseUnlocatedJson(text: string): LocatedJson | undefined {
  let names = 0;
  const convert = (value: unknown): LocatedJson => {
    if (typeof value === "string") return { kind: "string", value, start: 0, end: 0 };
    if (typeof value === "number") return { kind: "number", value, start: 0, end: 0 };
    if (typeof value === "boolean") return { kind: "boolean", value, start: 0, end: 0 };
    if (Array.isArray(value)) return { kind: "array", items: value.map(convert), start: 0, end: 0 };
    if (value === null || typeof value !== "object") return { kind: "null", start: 0, end: 0 };
    const entries = new Map<string, LocatedJson>();
    for (const [name, entry] of Object.entries(value)) {
      names++;
      entries.set(name, convert(entry));
    }
    return { kind: "object", entries, start: 0, end: 0 };
  };
  try {
    const json = convert(JSON.parse(text));
    // Every name in the text ends in `":`; one more of these than names means a closer look.
    let colons = 0;
    for (let at = text.indexOf('":'); at >= 0; at = text.indexOf('":', at + 2)) colons++;
    return colons === names ? json : undefined;
  } catch {
    return undefined;
  }
}

/** The value without places, as `JSON.parse` gives it. */
export function plainJson(json: LocatedJson): unknown {
  switch (json.kind) {
    case "object":
      return Object.fromEntries(Array.from(json.entries, ([name, value]) => [name, plainJson(value)]));
    case "array":
      return json.items.map(plainJson);
    case "null":
      return null;
    default:
      return json.value;
  }
}

class Reader {
  readonly #source: Source;
  readonly #fault: JsonFault;
  #at = 0;
  #depth = 0;

  constructor(source: Source, fault: JsonFault) {
    this.#source = source;
    this.#fault = fault;
  }

  document(): LocatedJson {
    const value = this.#value();
    this.#blank();
    if (this.#at < this.#source.text.length) throw this.#fail("Text goes on after its end");
    return value;
  }

  #value(): LocatedJson {
    this.#blank();
    const start = this.#at;
    const { text } = this.#source;
    if (++this.#depth > MAX_DEPTH) throw this.#fail("Values are nested too deeply");
    try {
      switch (text[start]) {
        case "{":
          return this.#object(start);
        case "[":
          return this.#array(start);
        case '"':
          return { kind: "string", value: this.#string(), start, end: this.#at };
        default:
          return this.#scalar(start);
      }
    } finally {
      this.#depth--;
    }
  }

  #object(start: number): LocatedJson {
    const entries = new Map<string, LocatedJson>();
    this.#list("}", () => {
      this.#blank();
      if (this.#source.text[this.#at] !== '"') throw this.#fail("A name in quotation marks is expected");
      const name = this.#string();
      if (entries.has(name)) throw this.#fail(`Name is there twice: \`${name.slice(0, 100)}\``);
      this.#blank();
      if (this.#source.text[this.#at] !== ":") throw this.#fail("`:` is expected");
      this.#at++;
      entries.set(name, this.#value());
    });
    return { kind: "object", entries, start, end: this.#at };
  }

  #array(start: number): LocatedJson {
    const items: LocatedJson[] = [];
    this.#list("]", () => items.push(this.#value()));
    return { kind: "array", items, start, end: this.#at };
  }

  #list(close: string, element: () => void): void {
    const { text } = this.#source;
    this.#at++;
    this.#blank();
    if (text[this.#at] === close) {
      this.#at++;
      return;
    }
    for (;;) {
      element();
      this.#blank();
      const separator = text[this.#at];
      if (separator !== "," && separator !== close) throw this.#fail(`\`,\` or \`${close}\` is expected`);
      this.#at++;
      if (separator === close) return;
    }
  }

  #string(): string {
    const { text } = this.#source;
    const start = this.#at + 1;
    const quote = text.indexOf('"', start);
    // Most strings have neither escapes nor letters beyond ASCII; the rest takes the careful way.
    const plain = text.slice(start, quote < 0 ? start : quote);
    if (quote >= 0 && /^[\x20-\x5b\x5d-\x7e]*$/.test(plain)) {
      this.#at = quote + 1;
      return plain;
    }
    const raw = this.#match(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    if (raw === undefined) throw this.#fail("String is malformed");
    return JSON.parse(textFromByteString(raw)) as string;
  }

  #scalar(start: number): LocatedJson {
    const word = this.#match(/true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y);
    const end = this.#at;
    if (word === undefined) throw this.#fail("A value is expected");
    if (word === "null") return { kind: "null", start, end };
    if (word === "true" || word === "false") return { kind: "boolean", value: word === "true", start, end };
    return { kind: "number", value: Number(word), start, end };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source.text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #blank(): void {
    const { text } = this.#source;
    for (;;) {
      const unit = text.charCodeAt(this.#at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.#at++;
    }
  }

  #fail(message: string): CopseError {
    const span: Span = { source: this.#source, start: this.#at, end: this.#at + 1 };
    return new CopseError(this.#fault.code, message, { span, hint: this.#fault.hint });
  }
}
