/**
 * Version specifiers, `>=1.2,<2,!=1.5.*`: clauses that must all hold (PEP 440; the packaging guide's "Version
 * specifiers").
 *
 * All but `===` are intervals in the order of versions, see `specifier-ranges.ts`. What surprises:
 *
 *  - `<1.0` excludes `1.0rc1`, though that comes before `1.0`; `<1.0rc2` does not exclude `1.0rc1`.
 *  - `>1.0` excludes `1.0.post1` and `1.0+local`, `>=1.0` takes both, `==1.0` takes `1.0+local`.
 *  - `~=1.4.5` is `>=1.4.5,==1.4.*`; `~=1.4` is `>=1.4,==1.*`.
 *  - `===` compares text, without regard of case: here that of the normal form, as with pip, which knows a candidate by its
 *    parsed version. So `===1.0` does not take `1.0.0`, and `===1.0.0-1` takes nothing.
 */
import { CopseError } from "#base";
import { parseOnce } from "../parse-once.ts";
import { isInIntervals, rangesOfClauses, type VersionInterval } from "./specifier-ranges.ts";
import {
  formatVersion,
  isPrerelease,
  PYTHON_SPACE,
  parseVersion,
  tryParseVersion,
  type Version,
} from "./version.ts";

export type SpecifierOperator = "===" | "==" | "!=" | "~=" | "<=" | ">=" | "<" | ">";

/** One clause. */
export type Specifier =
  | {
      readonly kind: "compare";
      readonly operator: Exclude<SpecifierOperator, "===">;
      readonly version: Version;
      /** Whether `.*` stands behind the version, which only `==` and `!=` allow. */
      readonly wildcard: boolean;
    }
  | { readonly kind: "identical"; readonly operator: "==="; readonly text: string };

/** Clauses that must all hold; of none, anything does. `parseSpecifiers` makes them. */
class Specifiers {
  readonly clauses: readonly Specifier[];
  #ranges: readonly VersionInterval[] | undefined;
  #text: string | undefined;

  constructor(clauses: readonly Specifier[]) {
    this.clauses = clauses;
  }

  get ranges(): readonly VersionInterval[] {
    this.#ranges ??= rangesOfClauses(this.clauses);
    return this.#ranges;
  }

  toString(): string {
    this.#text ??= formatSpecifiers(this);
    return this.#text;
  }
}

export type { Specifiers };

const RELEASE = "v?(?:[0-9]+!)?[0-9]+(?:\\.[0-9]+)";
const SUFFIXES =
  "(?:[-_.]?(?:alpha|beta|preview|pre|a|b|c|rc)[-_.]?[0-9]*)?" +
  "(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?" +
  "(?:[-_.]?dev[-_.]?[0-9]*)?";
const LOCAL = "(?:\\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?";

/** A clause, without anchors. What is allowed behind an operator depends on it. */
export const SPECIFIER_PATTERN =
  `(?:===${PYTHON_SPACE}*(?:(?!${PYTHON_SPACE})[^;)])*` +
  `|(?:==|!=)${PYTHON_SPACE}*${RELEASE}*(?:\\.\\*|${SUFFIXES}${LOCAL})` +
  `|~=${PYTHON_SPACE}*${RELEASE}+${SUFFIXES}` +
  `|(?:<=|>=|<|>)${PYTHON_SPACE}*${RELEASE}*${SUFFIXES})`;

const SPECIFIER = new RegExp(`^${SPECIFIER_PATTERN}$`, "i");
const TRIM = new RegExp(`^${PYTHON_SPACE}+|${PYTHON_SPACE}+$`, "g");

/** Any version. */
export const NO_SPECIFIERS: Specifiers = new Specifiers([]);

/** Clauses between commas; nothing between two commas counts as nothing. Throws CopseError `python-specifier-invalid`. */
export function parseSpecifiers(text: string): Specifiers {
  return parsedOnce(text, readSpecifiers);
}

const parsedOnce = parseOnce<Specifiers>();

function readSpecifiers(text: string): Specifiers {
  const clauses = text.split(",").map((clause) => clause.replace(TRIM, ""));
  return new Specifiers(clauses.filter((clause) => clause !== "").map(parseSpecifier));
}

/** One clause. Throws CopseError `python-specifier-invalid`. */
export function parseSpecifier(text: string): Specifier {
  const clause = text.replace(TRIM, "");
  if (!SPECIFIER.test(clause)) throw invalidSpecifier(clause);
  const operator = /^(?:===|[=!~<>]=|[<>])/.exec(clause)![0] as SpecifierOperator;
  const rest = clause.slice(operator.length).replace(TRIM, "");
  if (operator === "===") return { kind: "identical", operator, text: rest };
  const wildcard = rest.endsWith(".*");
  return {
    kind: "compare",
    operator,
    version: parseVersion(wildcard ? rest.slice(0, -2) : rest),
    wildcard,
  };
}

function invalidSpecifier(clause: string): CopseError {
  return new CopseError(
    "python-specifier-invalid",
    `Not a version specifier by PEP 440: \`${clause.slice(0, 100)}\``,
  );
}

/** The clauses that both demand. */
export function bothSpecifiers(a: Specifiers, b: Specifiers): Specifiers {
  if (a.clauses.length === 0) return b;
  if (b.clauses.length === 0) return a;
  return new Specifiers([...a.clauses, ...b.clauses]);
}

/**
 * Whether a version meets all clauses. Pre-releases count as any version, unless `prereleases` is false: whether they are
 * wanted depends on what else there is, and is for the solver to say (see `asksForPrereleases`).
 */
export function contains(
  specifiers: Specifiers,
  version: Version,
  options: { readonly prereleases?: boolean } = {},
): boolean {
  if (options.prereleases === false && isPrerelease(version)) return false;
  if (!isInIntervals(specifiers.ranges, version.key)) return false;
  return specifiers.clauses.every(
    (clause) => clause.kind === "compare" || clause.text.toLowerCase() === formatVersion(version),
  );
}

/** Whether a clause names a pre-release, and so says that they are welcome. `!=` and `.*` say nothing of the kind. */
export function asksForPrereleases(specifiers: Specifiers): boolean {
  return specifiers.clauses.some((clause) => {
    if (clause.kind === "identical") return isPrereleaseText(clause.text);
    return clause.operator !== "!=" && !clause.wildcard && isPrerelease(clause.version);
  });
}

function isPrereleaseText(text: string): boolean {
  const version = tryParseVersion(text);
  return version !== undefined && isPrerelease(version);
}

/** As written, but without white space, in one order, and of clauses that mean the same only the first. */
export function formatSpecifiers(specifiers: Specifiers): string {
  const byMeaning = new Map<string, string>();
  const written = specifiers.clauses.map((clause) => ({ clause, text: formatSpecifier(clause) }));
  for (const { clause, text } of written.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))) {
    const meaning = meaningOf(clause, text);
    if (!byMeaning.has(meaning)) byMeaning.set(meaning, text);
  }
  return [...byMeaning.values()].join(",");
}

/** Zeros at the end of a version count behind `~=` and `===`; before `.*`, packaging goes by what is written. */
function meaningOf(clause: Specifier, text: string): string {
  if (clause.kind === "identical" || clause.wildcard) return text;
  return clause.operator + (clause.operator === "~=" ? formatVersion(clause.version) : clause.version.key);
}

export function formatSpecifier(clause: Specifier): string {
  if (clause.kind === "identical") return clause.operator + clause.text;
  return `${clause.operator}${clause.version.text.replace(TRIM, "")}${clause.wildcard ? ".*" : ""}`;
}
