/** `builtins.toXML`: a value as Nix's own XML vocabulary. Functions show their parameters, derivations their paths. */
import type { ByteString } from "#base";
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

class XmlPrinter {
  readonly contexts = new ContextCollector();
  readonly #lines: string[] = ["<?xml version='1.0' encoding='utf-8'?>\n"];
  readonly #derivations = new Set<ByteString>();
  #depth = 0;

  document(lazy: Lazy): ByteString {
    this.#element("expr", {}, () => this.#value(lazy));
    return this.#lines.join("");
  }

  #value(lazy: Lazy): void {
    const value = force(lazy);
    if (isString(value)) {
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

  #attrs(attrs: Attrs): void {
    const members = () => {
      for (const [name, value] of attrs.entries()) this.#element("attr", { name }, () => this.#value(value));
    };
    if (!isDerivation(attrs)) {
      this.#element("attrs", {}, members);
      return;
    }
    const paths: Record<string, ByteString> = {};
    for (const name of ["drvPath", "outPath"]) {
      const value = force(attrs.get(name) ?? null);
      if (isString(value)) paths[name] = textOf(value);
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
    this.#element("function", {}, () => {
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

export function toXml(_: Evaluation, lazy: Lazy): Value {
  const printer = new XmlPrinter();
  const text = printer.document(lazy);
  return makeString(text, printer.contexts.context);
}
