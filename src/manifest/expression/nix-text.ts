/**
 * Nix expressions as trees, and as text: laid out as nixfmt does, so that people can go on with what
 * `copse eject` writes. Every part may say which value of copse.toml it is from; the text then has marks, by which
 * an error in it is shown where the user wrote it.
 */
import { assertNever, byteStringFromText, CopseError } from "#base";
import type { ManifestPath } from "../manifest.ts";

export type NixNode = { readonly origin?: ManifestPath | undefined } & (
  | { readonly kind: "atom"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly NixNode[] }
  | { readonly kind: "attrs"; readonly members: readonly NixMember[] }
  /** A function and its arguments. */
  | { readonly kind: "call"; readonly parts: readonly NixNode[] }
  /** In parentheses. */
  | { readonly kind: "group"; readonly inside: NixNode }
);

export type NixMember = readonly [name: string, value: NixNode];

/** Part of a text that is from a value of copse.toml. Offsets count bytes. */
export interface Mark {
  readonly start: number;
  readonly end: number;
  readonly origin: ManifestPath;
}

const LINE_WIDTH = 100;

export function atom(text: string, origin?: ManifestPath): NixNode {
  return { kind: "atom", text, origin };
}

export function string(value: string, origin?: ManifestPath): NixNode {
  return atom(quote(value), origin);
}

export function list(items: readonly NixNode[], origin?: ManifestPath): NixNode {
  return { kind: "list", items, origin };
}

/** Members that are undefined are left out. */
export function attrs(
  members: Readonly<Record<string, NixNode | undefined>> | readonly NixMember[],
  origin?: ManifestPath,
): NixNode {
  const all = Array.isArray(members) ? (members as readonly NixMember[]) : Object.entries(members);
  return {
    kind: "attrs",
    members: all.filter((member): member is NixMember => member[1] !== undefined),
    origin,
  };
}

export function call(parts: readonly NixNode[], origin?: ManifestPath): NixNode {
  return { kind: "call", parts, origin };
}

/** A string in double quotes, which no part of can be taken for anything else. @throws CopseError `manifest-value`. */
export function quote(value: string): string {
  if (value.includes("\0"))
    throw new CopseError("manifest-value", "A text has a character that no variable can hold: `\\u0000`");
  const escaped = value
    .replace(/[\\"]/g, "\\$&")
    .replaceAll("${", "\\${")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `"${escaped}"`;
}

const KEYWORDS = new Set(["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"]);

/** A name as an attribute: in quotes where it is none by itself. */
export function attributeName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) && !KEYWORDS.has(name) ? name : quote(name);
}

/** A path relative to the file that the expression stands in, or an absolute one. */
export function pathText(path: string): string {
  const isPlain = /^[A-Za-z0-9._+/-]*$/.test(path);
  if (path.startsWith("/"))
    return isPlain && /^\/[^/]/.test(path) ? path.replace(/\/+$/, "") : `(/. + ${quote(path)})`;
  const inside = path.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
  if (inside === "" || inside === ".") return "./.";
  if (!isPlain) return `(./. + ${quote(`/${inside}`)})`;
  return inside.startsWith("../") ? inside : inside === ".." ? "../." : `./${inside}`;
}

/** Text that grows, with marks. */
export class NixText {
  #text = "";
  readonly marks: Mark[] = [];

  get text(): string {
    return this.#text;
  }

  write(text: string): this {
    this.#text += text;
    return this;
  }

  /** At the given indentation, the first line excepted. */
  node(node: NixNode, indent = ""): this {
    const start = this.#text.length;
    this.#layOut(node, indent);
    if (node.origin) this.marks.push({ start, end: this.#text.length, origin: node.origin });
    return this;
  }

  /** Marks count bytes of what is evaluated, which is a byte string. */
  byteMarks(): Mark[] {
    const bytes = (at: number) => byteStringFromText(this.#text.slice(0, at)).length;
    return this.marks.map(({ start, end, origin }) => ({ start: bytes(start), end: bytes(end), origin }));
  }

  #layOut(node: NixNode, indent: string): void {
    const column = this.#text.length - (this.#text.lastIndexOf("\n") + 1);
    const width = flatWidth(node);
    if (width !== undefined && column + width <= LINE_WIDTH) this.#flat(node);
    else this.#broken(node, indent);
  }

  #flat(node: NixNode): void {
    switch (node.kind) {
      case "atom":
        this.write(node.text);
        return;
      case "list":
        this.write("[ ");
        for (const item of node.items) this.node(asItem(item)).write(" ");
        this.write("]");
        return;
      case "attrs":
        this.write("{ ");
        for (const [name, value] of node.members)
          this.write(`${attributeName(name)} = `)
            .node(value)
            .write("; ");
        this.write("}");
        return;
      case "call":
        node.parts.forEach((part, at) => {
          if (at > 0) this.write(" ");
          this.node(asArgument(part, at));
        });
        return;
      case "group":
        this.write("(").node(node.inside).write(")");
        return;
      default:
        assertNever(node);
    }
  }

  #broken(node: NixNode, indent: string): void {
    const inner = `${indent}  `;
    switch (node.kind) {
      case "atom":
        this.write(node.text);
        return;
      case "list":
        this.write("[\n");
        for (const item of node.items) this.write(inner).node(asItem(item), inner).write("\n");
        this.write(`${indent}]`);
        return;
      case "attrs":
        this.write("{\n");
        for (const [name, value] of node.members)
          this.write(`${inner}${attributeName(name)} = `)
            .node(value, inner)
            .write(";\n");
        this.write(`${indent}}`);
        return;
      case "call":
        node.parts.forEach((part, at) => {
          if (at > 0) this.write(" ");
          this.node(asArgument(part, at), indent);
        });
        return;
      case "group":
        this.write("(").node(node.inside, indent).write(")");
        return;
      default:
        assertNever(node);
    }
  }
}

/** Of a list with one short item, or a small call; a set with members has a line for each, as nixfmt has it. */
function flatWidth(node: NixNode): number | undefined {
  switch (node.kind) {
    case "atom":
      return node.text.length;
    case "list":
      return node.items.length > 1 ? undefined : sum(node.items.map(asItem), 3);
    case "attrs":
      return node.members.length > 0 ? undefined : 4;
    case "call":
      return sum(node.parts.map(asArgument), 0);
    case "group":
      return sum([node.inside], 1);
    default:
      return assertNever(node);
  }
}

function sum(nodes: readonly NixNode[], start: number): number | undefined {
  let width = start;
  for (const node of nodes) {
    const own = flatWidth(node);
    if (own === undefined) return undefined;
    width += own + 1;
  }
  return width;
}

/** A call in a list, or as an argument, stands in parentheses. */
function asItem(node: NixNode): NixNode {
  return node.kind === "call" ? { kind: "group", inside: node, origin: node.origin } : node;
}

function asArgument(node: NixNode, at: number): NixNode {
  return at > 0 ? asItem(node) : node;
}
