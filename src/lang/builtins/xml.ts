/** `builtins.toXML`: a value as Nix's own XML vocabulary. Functions show their parameters, derivations their paths. */
import { type ByteString, lineColumn } from "#base";
import {
  Attrs,
  ContextCollector,
  contextOf,
  deeper,
  type Evaluation,
  Float,
  force,
  formatFloatShort,
  isDerivation,
  isInt,
  isList,
  isString,
  Lambda,
  type Lazy,
  makeString,
  Path,
  peek,
  Thunk,
  textOf,
  type Value,
} from "../runtime/mod.ts";

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['"', "&quot;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ["&", "&amp;"],
  ["\n", "&#xA;"],
]);

export interface XmlOptions {
  /** Evaluate what is not evaluated yet; otherwise it is shown as `<unevaluated />`. */
  readonly strict: boolean;
  /** The evaluation that knows positions, where attributes and functions are to have theirs. */
  readonly positions?: Evaluation | undefined;
}

class XmlPrinter {
  readonly contexts = new ContextCollector();
  readonly #options: XmlOptions;
  readonly #lines: string[] = ["<?xml version='1.0' encoding='utf-8'?>\n"];
  readonly #derivations = new Set<ByteString>();
  #depth = 0;

  constructor(options: XmlOptions) {
    this.#options = options;
  }

  document(lazy: Lazy): ByteString {
    this.#element("expr", {}, () => this.#value(lazy));
    return this.#lines.join("");
  }

  #value(lazy: Lazy): void {
    const value = this.#read(lazy);
    if (value === undefined) this.#empty("unevaluated", {});
    else if (isString(value)) {
      this.contexts.add(contextOf(value));
      this.#empty("string", { value: textOf(value) });
    } else if (isInt(value)) this.#empty("int", { value: String(value) });
    else if (typeof value === "boolean") this.#empty("bool", { value: String(value) });
    else if (value === null) this.#empty("null", {});
    else if (value instanceof Float) this.#empty("float", { value: formatFloatShort(value.value) });
    else if (value instanceof Path) this.#empty("path", { value: value.path });
    else if (isList(value))
      this.#element("list", {}, () => {
        for (const item of value) this.#value(item);
      });
    else if (value instanceof Attrs) this.#attrs(value);
    else if (value instanceof Lambda) this.#lambda(value);
    else this.#empty("unevaluated", {});
  }

  #read(lazy: Lazy): Value | undefined {
    if (this.#options.strict) return force(lazy);
    const known = peek(lazy);
    return known instanceof Thunk ? undefined : known;
  }

  #attrs(attrs: Attrs): void {
    const members = () => {
      for (const [name, value] of attrs.entries()) {
        const place = this.#placeOf(attrs.positionOf(name));
        this.#element("attr", { ...place, name }, () => this.#value(value));
      }
    };
    if (!isDerivation(attrs)) {
      this.#element("attrs", {}, members);
      return;
    }
    const paths: Record<string, ByteString> = {};
    for (const name of ["drvPath", "outPath"]) {
      const value = this.#read(attrs.get(name) ?? null);
      if (value !== undefined && isString(value)) paths[name] = textOf(value);
    }
    const { drvPath = "" } = paths;
    this.#element("derivation", paths, () => {
      // A derivation that was shown before, or cannot be told apart, is not shown again.
      if (drvPath === "" || this.#derivations.has(drvPath)) this.#empty("repeated", {});
      else {
        this.#derivations.add(drvPath);
        members();
      }
    });
  }

  #lambda({ code }: Lambda): void {
    const start = this.#options.positions?.packPosition({ source: code.source, offset: code.start });
    this.#element("function", this.#placeOf(start), () => {
      const { formals } = code;
      const head = code.source.text.slice(code.start);
      if (!formals) return this.#empty("varpat", { name: leadingName(head) ?? "" });
      const pattern: Record<string, string> = {};
      if (code.ellipsis) pattern["ellipsis"] = "1";
      const name = leadingName(head) ?? trailingName(head);
      if (name !== undefined) pattern["name"] = name;
      const names = formals.map((formal) => formal.name).sort();
      this.#element("attrspat", pattern, () => {
        for (const formal of names) this.#empty("attr", { name: formal });
      });
    });
  }

  #placeOf(packed: number | undefined): Record<string, ByteString> {
    const position = packed === undefined ? undefined : this.#options.positions?.positionAt(packed);
    if (!position) return {};
    const { line, column } = lineColumn(position.source, position.offset);
    const { name } = position.source;
    return { line: String(line), column: String(column), ...(name.startsWith("/") && { path: name }) };
  }

  #element(tag: string, attributes: Readonly<Record<string, ByteString>>, content: () => void): void {
    this.#line(`<${tag}${formatAttributes(attributes)}>`);
    this.#depth++;
    deeper(content);
    this.#depth--;
    this.#line(`</${tag}>`);
  }

  #empty(tag: string, attributes: Readonly<Record<string, ByteString>>): void {
    this.#line(`<${tag}${formatAttributes(attributes)} />`);
  }

  #line(text: string): void {
    this.#lines.push("  ".repeat(this.#depth), text, "\n");
  }
}

function formatAttributes(attributes: Readonly<Record<string, ByteString>>): string {
  return Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, value]) => ` ${name}="${value.replace(/["<>&\n]/g, (unit) => ENTITIES.get(unit) as string)}"`,
    )
    .join("");
}

/** The name of `x: …` or `args@{ … }: …`, at the start of a lambda's text. */
function leadingName(text: ByteString): ByteString | undefined {
  return /^([A-Za-z_][A-Za-z0-9_'-]*)\s*[:@]/.exec(text)?.[1];
}

/** The name of `{ … }@args: …`. Strings and comments among the defaults are stepped over, whatever is in them. */
function trailingName(text: ByteString): ByteString | undefined {
  const unit = /"(?:[^"\\]|\\.)*"|''.*?''|#[^\n]*|\/\*.*?\*\/|[{}]/gs;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(unit)) {
    if (token === "{") depth++;
    if (token === "}" && --depth === 0) {
      return /^\}\s*@\s*([A-Za-z_][A-Za-z0-9_'-]*)/.exec(text.slice(index))?.[1];
    }
  }
  return undefined;
}

/** The whole document, for commands. */
export function formatXml(lazy: Lazy, options: XmlOptions): ByteString {
  return new XmlPrinter(options).document(lazy);
}

export function toXml(_: Evaluation, lazy: Lazy): Value {
  const printer = new XmlPrinter({ strict: true });
  const text = printer.document(lazy);
  return makeString(text, printer.contexts.context);
}
