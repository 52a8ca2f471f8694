/**
 * Trees as `nix-instantiate --parse` prints them: everything in parentheses, sets sorted, operators that are
 * calls to Nix (`a - b`, `a < b`, `<path>`) spelled out as calls. The tree has to be parsed with
 * `separateTexts` for indented strings with escapes to print exactly so.
 */
import { assertNever, type ByteString, compareByteStrings } from "#base";
import type { AttrName, Binary, Bindings, Expr, Formals } from "./ast.ts";
import { guardNesting } from "./nesting.ts";
import { Token, wordKind } from "./token.ts";

export function formatExpr(expr: Expr): ByteString {
  return guardNesting(
    () => undefined,
    () => format(expr),
  );
}

/** `a."b c"."${d}"` */
export function formatAttrPath(path: readonly AttrName[]): ByteString {
  const names = path.map((name) =>
    name.kind === "static" ? formatAttrName(name.name) : `"\${${format(name.expr)}}"`,
  );
  return names.join(".");
}

/** In quotes where it is not an identifier; `or` is one. */
export function formatAttrName(name: ByteString): ByteString {
  if (!/^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name)) return formatString(name);
  const kind = wordKind(name);
  return kind === Token.identifier || kind === Token.orKeyword ? name : `"${name}"`;
}

/** With its quotes. */
export function formatString(value: ByteString): ByteString {
  const escaped = value.replace(/["\\\n\r\t]|\$(?=\{)/g, (c) =>
    c === "\n" ? "\\n" : c === "\r" ? "\\r" : c === "\t" ? "\\t" : `\\${c}`,
  );
  return `"${escaped}"`;
}

/** Six significant digits, as C's `%g`. */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits = "", exponentText = "0"] = value.toExponential(5).split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return trimZeros(value.toFixed(5 - exponent));
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${trimZeros(digits)}e${exponent < 0 ? "-" : "+"}${size}`;
}

function trimZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

function format(expr: Expr): ByteString {
  switch (expr.kind) {
    case "int":
      return String(expr.value);
    case "float":
      return formatFloat(expr.value);
    case "string":
      return formatString(expr.value);
    case "template":
    case "path-template":
      return `(${expr.parts.map(format).join(" + ")})`;
    case "path":
      return expr.value;
    case "var":
      return formatAttrName(expr.name);
    case "current-position":
      return "__curPos";
    case "select": {
      const fallback = expr.fallback === undefined ? "" : ` or (${format(expr.fallback)})`;
      return `(${format(expr.subject)}).${formatAttrPath(expr.path)}${fallback}`;
    }
    case "has-attr":
      return `((${format(expr.subject)}) ? ${formatAttrPath(expr.path)})`;
    case "lambda": {
      const at = expr.param !== undefined && expr.formals !== undefined ? " @ " : "";
      const formals = expr.formals === undefined ? "" : formatFormals(expr.formals);
      const param = expr.param === undefined ? "" : formatAttrName(expr.param.name);
      return `(${formals}${at}${param}: ${format(expr.body)})`;
    }
    case "attrs":
      return `${expr.recursive ? "rec " : ""}{ ${formatBindings(expr.bindings)}}`;
    case "let":
      return `(let ${formatBindings(expr.bindings)}in ${format(expr.body)})`;
    case "list":
      return `[ ${expr.items.map((item) => `(${format(item)}) `).join("")}]`;
    case "with":
      return `(with ${format(expr.subject)}; ${format(expr.body)})`;
    case "assert":
      return `assert ${format(expr.condition)}; ${format(expr.body)}`;
    case "if":
      return `(if ${format(expr.condition)} then ${format(expr.then)} else ${format(expr.otherwise)})`;
    case "not":
      return `(! ${format(expr.operand)})`;
    case "binary":
      return formatBinary(expr);
    case "apply":
    case "negate":
    case "search-path":
      return `(${callParts(expr).join(" ")})`;
    default:
      return assertNever(expr);
  }
}

function formatBinary(expr: Binary): ByteString {
  switch (expr.op) {
    case "<=":
      return `(! (__lessThan ${format(expr.right)} ${format(expr.left)}))`;
    case ">=":
      return `(! (__lessThan ${format(expr.left)} ${format(expr.right)}))`;
    case "-":
    case "*":
    case "/":
    case "<":
    case ">":
    case "|>":
    case "<|":
      return `(${callParts(expr).join(" ")})`;
    default:
      return `(${format(expr.left)} ${expr.op} ${format(expr.right)})`;
  }
}

/** Function and arguments. A call of a call is one call to Nix, also where operators made it. */
function callParts(expr: Expr): ByteString[] {
  switch (expr.kind) {
    case "apply":
      return [...callParts(expr.fn), ...expr.args.map(format)];
    case "negate":
      return ["__sub", "0", format(expr.operand)];
    case "search-path":
      return ["__findFile", "__nixPath", formatString(expr.value)];
    case "binary":
      switch (expr.op) {
        case "-":
          return ["__sub", format(expr.left), format(expr.right)];
        case "*":
          return ["__mul", format(expr.left), format(expr.right)];
        case "/":
          return ["__div", format(expr.left), format(expr.right)];
        case "<":
          return ["__lessThan", format(expr.left), format(expr.right)];
        case ">":
          return ["__lessThan", format(expr.right), format(expr.left)];
        case "|>":
          return [...callParts(expr.right), format(expr.left)];
        case "<|":
          return [...callParts(expr.left), format(expr.right)];
        default:
          return [format(expr)];
      }
    default:
      return [format(expr)];
  }
}

function formatFormals({ list, ellipsis }: Formals): ByteString {
  const sorted = [...list].sort((a, b) => compareByteStrings(a.binder.name, b.binder.name));
  const shown = sorted.map(({ binder, fallback }) => {
    const name = formatAttrName(binder.name);
    return fallback === undefined ? name : `${name} ? ${format(fallback)}`;
  });
  if (ellipsis) shown.push("...");
  return `{ ${shown.join(", ")} }`;
}

function formatBindings({ attrs, inheritFrom, dynamic }: Bindings): ByteString {
  const sorted = [...attrs].sort((a, b) => compareByteStrings(a.binder.name, b.binder.name));
  const inherited: ByteString[] = [];
  const inheritedFrom: ByteString[][] = inheritFrom.map(() => []);
  const plain: ByteString[] = [];
  for (const { binder, value } of sorted) {
    const name = formatAttrName(binder.name);
    if (value.kind === "plain") plain.push(`${name} = ${format(value.expr)}; `);
    else if (value.kind === "inherit") inherited.push(` ${name}`);
    else inheritedFrom[value.from]?.push(` ${name}`);
  }
  let result = inherited.length === 0 ? "" : `inherit${inherited.join("")}; `;
  for (const [from, names] of inheritedFrom.entries()) {
    if (names.length > 0) result += `inherit (${format(inheritFrom[from] as Expr)})${names.join("")}; `;
  }
  result += plain.join("");
  for (const { name, value } of dynamic) result += `"\${${format(name)}}" = ${format(value)}; `;
  return result;
}
