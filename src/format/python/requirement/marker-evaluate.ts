/**
 * Whether a marker holds in an environment.
 *
 * Four variables are versions. There a comparison is that of a specifier, with the right side behind the operator,
 * whichever side the variable is on. If that is no specifier (`python_version >= "3.8.*"`), and for all other variables,
 * text is compared: `==` and `!=` as they are, `<=` and `>=` as equality, `<` and `>` as never, `in` as "is part of".
 * So does packaging since the guide took order away from text.
 */
import { assertNever, CopseError } from "#base";
import { contains, parseSpecifiers, type Specifiers } from "../version/specifiers.ts";
import { tryParseVersion } from "../version/version.ts";
import {
  formatMarker,
  type Marker,
  type MarkerOperand,
  type MarkerOperator,
  mentionsExtra,
} from "./marker.ts";
import type { MarkerEnvironment } from "./marker-environment.ts";

const VERSION_VARIABLES: ReadonlySet<string> = new Set([
  "implementation_version",
  "platform_release",
  "python_full_version",
  "python_version",
]);

type Comparison = Marker & { readonly kind: "compare" };

/**
 * `extras` are those that the requirement's own package is asked for with, normalised: the marker holds if it does for one
 * of them, or without extra if there are none, as with pip.
 * Throws CopseError `python-marker-undefined` for a comparison that has no meaning.
 */
export function evaluateMarker(
  marker: Marker,
  environment: MarkerEnvironment,
  extras: ReadonlySet<string> = NO_EXTRAS,
): boolean {
  if (extras.size === 0 || !mentionsExtra(marker)) return evaluate(marker, environment, "");
  for (const extra of extras) if (evaluate(marker, environment, extra)) return true;
  return false;
}

const NO_EXTRAS: ReadonlySet<string> = new Set();

// All terms are evaluated, so that a comparison without meaning is found in any environment.
function evaluate(marker: Marker, environment: MarkerEnvironment, extra: string): boolean {
  switch (marker.kind) {
    case "and":
      return marker.terms.map((term) => evaluate(term, environment, extra)).every(Boolean);
    case "or":
      return marker.terms.map((term) => evaluate(term, environment, extra)).some(Boolean);
    case "compare":
      return evaluateComparison(marker, environment, extra);
    default:
      return assertNever(marker);
  }
}

function evaluateComparison(comparison: Comparison, environment: MarkerEnvironment, extra: string): boolean {
  const { left, operator, right } = comparison;
  if (left.kind === "text" && right.kind === "text")
    throw undefinedMarker(comparison, "it compares two strings");
  // The variable on the left decides what is compared, if there are two.
  const variable = left.kind === "variable" ? left.name : right.kind === "variable" ? right.name : "extra";
  const readOperand = (operand: MarkerOperand): string | ReadonlySet<string> => {
    if (operand.kind === "text") return operand.text;
    // Packaging takes the name of a variable on the right for a text, if there is one on the left, too.
    if (operand === right && left.kind === "variable") return operand.name;
    if (operand.name === "extra") return extra;
    const value = environment[operand.name];
    if (value === undefined) throw undefinedMarker(comparison, `\`${operand.name}\` is for lock files alone`);
    // Pythons that were built between releases call themselves `3.13.0a1+`.
    return typeof value === "string" && operand.name === "python_full_version"
      ? value.replace(/\+$/, "+local")
      : value;
  };
  const leftValue = readOperand(left);
  const rightValue = readOperand(right);
  if (typeof leftValue !== "string") throw undefinedMarker(comparison, "a set can only be on the right");
  if (typeof rightValue !== "string") return isMember(comparison, leftValue, rightValue);
  if (VERSION_VARIABLES.has(variable)) {
    const specifier = trySpecifier(operator, rightValue);
    if (specifier !== undefined) return satisfies(leftValue, specifier);
  }
  return compareText(comparison, leftValue, rightValue);
}

function satisfies(version: string, specifier: Specifiers): boolean {
  const [clause] = specifier.clauses;
  if (clause?.kind === "identical") return clause.text.toLowerCase() === version.toLowerCase();
  const parsed = tryParseVersion(version);
  return parsed !== undefined && contains(specifier, parsed);
}

function trySpecifier(operator: MarkerOperator, version: string): Specifiers | undefined {
  if (operator === "in" || operator === "not in") return undefined;
  try {
    const specifiers = parseSpecifiers(operator + version);
    return specifiers.clauses.length === 1 ? specifiers : undefined;
  } catch (error) {
    if (error instanceof CopseError) return undefined;
    throw error;
  }
}

function compareText(comparison: Comparison, left: string, right: string): boolean {
  const { operator } = comparison;
  switch (operator) {
    case "in":
      return right.includes(left);
    case "not in":
      return !right.includes(left);
    case "==":
    case "<=":
    case ">=":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
    case ">":
      return false;
    case "~=":
    case "===":
      throw undefinedMarker(comparison, `\`${operator}\` is for versions alone`);
    default:
      return assertNever(operator);
  }
}

function isMember(comparison: Comparison, name: string, names: ReadonlySet<string>): boolean {
  if (comparison.operator === "in") return names.has(name);
  if (comparison.operator === "not in") return !names.has(name);
  throw undefinedMarker(comparison, "a set can only be asked what is in it");
}

function undefinedMarker(comparison: Comparison, problem: string): CopseError {
  return new CopseError(
    "python-marker-undefined",
    `Environment marker has no meaning, ${problem}: \`${formatMarker(comparison)}\``,
  );
}
