/**
 * Environment markers, the conditions behind the semicolon of a requirement (the packaging guide's "Dependency
 * specifiers", once PEP 508):
 *
 *     python_version < "3.11" and (sys_platform == "linux" or extra == "test")
 *
 * `and` binds closer than `or`. A comparison has a variable on one side; of two strings it can be written down, but has no
 * meaning. Strings are in either quote and may have
 * the escapes of Python's own literals, as packaging reads them by Python. Old names with a dot (`os.name`) mean the same.
 */
import { assertNever } from "#base";
import { isName, normaliseName } from "./name.ts";
import { parsePythonString } from "./python-string.ts";
import { Scanner } from "./scanner.ts";

/** The variables that hold text. */
export const MARKER_VARIABLES = [
  "implementation_name",
  "implementation_version",
  "os_name",
  "platform_machine",
  "platform_python_implementation",
  "platform_release",
  "platform_system",
  "platform_version",
  "python_full_version",
  "python_version",
  "sys_platform",
] as const;

/** Those of lock files, which hold sets of names. */
export type MarkerSetVariable = "extras" | "dependency_groups";

export type MarkerVariable = (typeof MARKER_VARIABLES)[number] | "extra" | MarkerSetVariable;

export type MarkerOperator = "<=" | "<" | "!=" | "==" | ">=" | ">" | "~=" | "===" | "in" | "not in";

export type MarkerOperand =
  | { readonly kind: "variable"; readonly name: MarkerVariable }
  | { readonly kind: "text"; readonly text: string };

export type Marker =
  | { readonly kind: "and" | "or"; readonly terms: readonly Marker[] }
  | {
      readonly kind: "compare";
      readonly left: MarkerOperand;
      readonly operator: MarkerOperator;
      readonly right: MarkerOperand;
    };

const VARIABLE =
  /\b(?:python_version|python_full_version|os[._]name|sys[._]platform|platform_(?:release|system)|platform[._](?:version|machine|python_implementation)|python_implementation|implementation_(?:name|version)|extras?|dependency_groups)\b/y;
const QUOTED = /'[^']*'|"[^"]*"/y;
const COMPARISON = /===|==|~=|!=|<=|>=|<|>/y;
const IN = /in\b/y;
const NOT_IN = /not[ \t]+in\b/y;
const AND = /and\b/y;
const OR = /or\b/y;

// Far beyond what anybody writes, and far from the end of the stack.
const MAX_DEPTH = 100;

/** Throws CopseError `python-marker-invalid`. */
export function parseMarker(text: string): Marker {
  const scanner = new Scanner(text, { code: "python-marker-invalid", what: "environment marker" });
  const marker = scanMarker(scanner);
  if (!scanner.atEnd) throw scanner.expected("`and`, `or` or the end");
  return marker;
}

/** A marker, and the space around it. */
export function scanMarker(scanner: Scanner, depth = 0): Marker {
  if (depth > MAX_DEPTH) throw scanner.error("it is nested too deeply");
  const alternatives: Marker[] = [];
  do {
    const terms: Marker[] = [];
    do terms.push(scanAtom(scanner, depth));
    while (scanner.take(AND) !== undefined);
    alternatives.push(joined("and", terms));
  } while (scanner.take(OR) !== undefined);
  return joined("or", alternatives);
}

function joined(kind: "and" | "or", terms: readonly Marker[]): Marker {
  return terms.length === 1 ? terms[0]! : { kind, terms };
}

function scanAtom(scanner: Scanner, depth: number): Marker {
  scanner.skipSpace();
  if (scanner.takeUnit("(")) {
    const marker = scanMarker(scanner, depth + 1);
    if (!scanner.takeUnit(")")) throw scanner.expected("a closing parenthesis");
    scanner.skipSpace();
    return marker;
  }
  const left = scanOperand(scanner);
  scanner.skipSpace();
  const operator = scanOperator(scanner);
  scanner.skipSpace();
  const right = scanOperand(scanner);
  scanner.skipSpace();
  return compare({ left, operator, right });
}

function scanOperand(scanner: Scanner): MarkerOperand {
  const variable = scanner.take(VARIABLE)?.replace(".", "_");
  if (variable !== undefined) {
    const name = variable === "python_implementation" ? "platform_python_implementation" : variable;
    return { kind: "variable", name: name as MarkerVariable };
  }
  const quoted = scanner.take(QUOTED);
  if (quoted === undefined) throw scanner.expected("a variable or a string in quotes");
  const text = parsePythonString(quoted.slice(1, -1));
  if (text === undefined) throw scanner.error("a string in it is none of Python's");
  return { kind: "text", text };
}

function scanOperator(scanner: Scanner): MarkerOperator {
  const comparison = scanner.take(COMPARISON);
  if (comparison !== undefined) return comparison as MarkerOperator;
  if (scanner.take(IN) !== undefined) return "in";
  if (scanner.take(NOT_IN) !== undefined) return "not in";
  throw scanner.expected("an operator");
}

/** Names of extras are compared in normal form. */
function compare({ left, operator, right }: Omit<Marker & { readonly kind: "compare" }, "kind">): Marker {
  if (left.kind === "variable" && left.name === "extra" && right.kind === "text")
    return { kind: "compare", left, operator, right: withNormalName(right.text) };
  if (left.kind === "text" && right.kind === "variable" && holdsNames(right.name))
    return { kind: "compare", left: withNormalName(left.text), operator, right };
  return { kind: "compare", left, operator, right };
}

function holdsNames(name: MarkerVariable): boolean {
  return name === "extra" || name === "extras" || name === "dependency_groups";
}

function withNormalName(text: string): MarkerOperand {
  return { kind: "text", text: isName(text) ? normaliseName(text) : text };
}

/** Whether the marker depends on the extras that are asked for. */
export function mentionsExtra(marker: Marker): boolean {
  if (marker.kind !== "compare") return marker.terms.some(mentionsExtra);
  return [marker.left, marker.right].some((side) => side.kind === "variable" && holdsNames(side.name));
}

/** As it could be written. */
export function formatMarker(marker: Marker): string {
  switch (marker.kind) {
    case "or":
      return marker.terms.map(formatMarker).join(" or ");
    case "and":
      return marker.terms
        .map((term) => (term.kind === "or" ? `(${formatMarker(term)})` : formatMarker(term)))
        .join(" and ");
    case "compare":
      return `${formatOperand(marker.left)} ${marker.operator} ${formatOperand(marker.right)}`;
    default:
      return assertNever(marker);
  }
}

function formatOperand(operand: MarkerOperand): string {
  if (operand.kind === "variable") return operand.name;
  const escaped = operand.text.replace(/[\\\n\r]/g, (unit) => ESCAPES[unit]!);
  return escaped.includes('"') && !escaped.includes("'")
    ? `'${escaped}'`
    : `"${escaped.replaceAll('"', "\\x22")}"`;
}

const ESCAPES: { readonly [unit: string]: string } = { "\\": "\\\\", "\n": "\\n", "\r": "\\r" };
