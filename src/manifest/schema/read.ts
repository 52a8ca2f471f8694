/**
 * Reads a document against its shape. All that is wrong with it is collected, each fault with its place, so that
 * somebody who edits a file by hand mends it in one go.
 */
import {
  assertNever,
  byteStringFromText,
  CopseError,
  nearestNames,
  type Source,
  type Span,
  textFromByteString,
} from "#base";
import { TomlArray, type TomlExtent, TomlFloat, type TomlNode, TomlTable } from "#format/toml";
import { type Read, type Shape, shapeOf, type TableShape, type TextShape } from "./shapes.ts";

const MAX_FAULTS = 10;

/** @throws CopseError with the last fault's code and place; those before it go with it. */
export function readDocument<S extends TableShape>(document: TomlTable, shape: S, source: Source): Read<S> {
  const reader = new Reader(source);
  const value = reader.table(document, shape, { start: 0, end: 0 });
  throwFaults(reader.faults);
  return value as Read<S>;
}

/** In the order in which they stand in the document. */
export function throwFaults(faults: readonly CopseError[]): void {
  const inOrder = [...faults]
    .sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0))
    .slice(0, MAX_FAULTS);
  const last = inOrder.pop();
  if (!last) return;
  throw inOrder.length === 0
    ? last
    : new CopseError(last.code, last.message, { span: last.span, hint: last.hint, related: inOrder });
}

class Reader {
  readonly faults: CopseError[] = [];
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  value(node: TomlNode, shape: Shape, extent: TomlExtent): unknown {
    switch (shape.kind) {
      case "text":
        return typeof node === "string"
          ? this.#text(textFromByteString(node), shape, extent)
          : this.#other(node, shape, extent);
      case "flag":
        return typeof node === "boolean" ? node : this.#other(node, shape, extent);
      case "integer":
        if (typeof node !== "bigint") return this.#other(node, shape, extent);
        if (node < shape.minimum || node > shape.maximum)
          return this.#fault(
            extent,
            "manifest-value",
            `Number is not between ${shape.minimum} and ${shape.maximum}: \`${node}\``,
          );
        return Number(node);
      case "list":
        if (!(node instanceof TomlArray)) return this.#other(node, shape, extent);
        return node.items.map((item, at) => this.value(item, shape.item, node.extents[at] ?? extent));
      case "record":
        return node instanceof TomlTable ? this.#record(node, shape) : this.#other(node, shape, extent);
      case "table":
        return node instanceof TomlTable ? this.table(node, shape, extent) : this.#other(node, shape, extent);
      case "either": {
        const fitting = shape.shapes.find((each) => kindsOf(each).includes(kindOf(node)));
        return fitting ? this.value(node, fitting, extent) : this.#other(node, shape, extent);
      }
      default:
        return assertNever(shape);
    }
  }

  table(node: TomlTable, shape: TableShape, extent: TomlExtent): Readonly<Record<string, unknown>> {
    const names = Object.keys(shape.fields);
    const entries = [...node.members].flatMap(([bytes, member]) => {
      const name = textFromByteString(bytes);
      const place = node.places.get(bytes);
      const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
      if (!field) {
        this.#unknown(name, names, place?.key ?? extent);
        return [];
      }
      return [[name, this.value(member, shapeOf(field), place?.value ?? extent)] as const];
    });
    for (const name of shape.requires) {
      if (!node.members.has(byteStringFromText(name)))
        this.#fault(extent, "manifest-key-missing", `A key is missing here: \`${name}\``);
    }
    return Object.fromEntries(entries);
  }

  #record(node: TomlTable, shape: Extract<Shape, { kind: "record" }>): ReadonlyMap<string, unknown> {
    const rule = new RegExp(`^(?:${shape.name.pattern})$`, "u");
    const values = new Map<string, unknown>();
    for (const [bytes, member] of node.members) {
      const name = textFromByteString(bytes);
      const place = node.places.get(bytes);
      const extent = place?.value ?? { start: 0, end: 0 };
      if (!rule.test(name)) {
        const { what, hint } = shape.name;
        this.#fault(place?.key ?? extent, "manifest-name", `Key is not ${what}: \`${name}\``, hint);
      }
      values.set(name, this.value(member, shape.member, extent));
    }
    return values;
  }

  #text(value: string, shape: TextShape, extent: TomlExtent): string {
    const { rule, choices } = shape;
    // Neither an argument, a variable, nor a path can hold one.
    if (value.includes("\0")) this.#fault(extent, "manifest-value", "Text has a null character: `\\u0000`");
    const isFitting =
      !rule || (new RegExp(`^(?:${rule.pattern})$`, "u").test(value) && (rule.accepts?.(value) ?? true));
    if (!isFitting)
      this.#fault(extent, "manifest-value", `Text is not ${rule.what}: \`${value}\``, rule.hint);
    if (choices && !choices.includes(value))
      this.#fault(extent, "manifest-value", `Value is not known: \`${value}\``, suggestion(value, choices));
    return value;
  }

  #unknown(name: string, known: readonly string[], extent: TomlExtent): void {
    this.#fault(extent, "manifest-key-unknown", `Key is not known: \`${name}\``, suggestion(name, known));
  }

  #other(node: TomlNode, shape: Shape, extent: TomlExtent): undefined {
    const wanted = [...new Set(kindsOf(shape))].map((kind) => KINDS[kind]).join(" or ");
    this.#fault(
      extent,
      "manifest-type",
      `Expected ${wanted}, found: ${KINDS[kindOf(node)]}`,
      remedy(node, shape),
    );
    return undefined;
  }

  #fault(extent: TomlExtent, code: string, message: string, hint?: string): undefined {
    const span: Span = { source: this.#source, ...extent };
    this.faults.push(new CopseError(code, message, { span, hint }));
    return undefined;
  }
}

function remedy(node: TomlNode, shape: Shape): string | undefined {
  if (shape.kind === "list") return "write it in brackets: [...]";
  const isNumber = typeof node === "bigint" || node instanceof TomlFloat;
  return isNumber && kindsOf(shape).includes("text") ? "write it in quotes" : undefined;
}

function suggestion(given: string, known: readonly string[]): string {
  const near = nearestNames(given, known);
  if (near.length > 0) return `did you mean ${near.slice(0, 3).join(", ")}?`;
  return `known are ${known.join(", ")}`;
}

type ValueKind = keyof typeof KINDS;

const KINDS = {
  text: "a string",
  flag: "true or false",
  integer: "a whole number",
  float: "a number",
  list: "a list",
  table: "a table",
} as const;

function kindOf(node: TomlNode): ValueKind {
  if (typeof node === "string") return "text";
  if (typeof node === "boolean") return "flag";
  if (typeof node === "bigint") return "integer";
  if (node instanceof TomlFloat) return "float";
  return node instanceof TomlArray ? "list" : "table";
}

function kindsOf(shape: Shape): readonly ValueKind[] {
  if (shape.kind === "either") return shape.shapes.flatMap(kindsOf);
  return [shape.kind === "record" ? "table" : shape.kind];
}
