/**
 * Poetry's constraints as those of PEP 440:
 *
 *     ^1.2.3   >=1.2.3,<2.0.0     up to the first number that is not 0
 *     ~1.2     >=1.2,<1.3         the last number but the major one may grow
 *     1.2.*    ==1.2.*
 *     1.2.3    ==1.2.3
 *     a || b   one of both: a range, where they adjoin
 */
export interface PoetryVersion {
  readonly specifiers: string;
  /** Not exactly what was said: PEP 440 knows no alternatives. */
  readonly isWider: boolean;
}

/** Undefined for what is no constraint. */
export function poetryVersion(text: string): PoetryVersion | undefined {
  const alternatives = text.split(/\s*\|\|?\s*/).map(conjunction);
  if (alternatives.some((one) => one === undefined)) return undefined;
  const [first = "", ...others] = alternatives as string[];
  if (others.length === 0) return { specifiers: first, isWider: false };
  return union([first, ...others]);
}

function conjunction(text: string): string | undefined {
  const clauses = text
    .trim()
    .replace(/([\^~<>=!])\s+/g, "$1")
    .split(/\s*,\s*|\s+/)
    .filter((clause) => clause !== "" && clause !== "*")
    .map(clauseOf);
  return clauses.includes(undefined) ? undefined : clauses.join(",");
}

function clauseOf(clause: string): string | undefined {
  const [, operator = "", given = ""] = /^(\^|~=|~|[<>=!]=|===|[<>=])?v?(.+)$/.exec(clause) ?? [];
  const version = given.replace(/-(alpha|beta|rc|dev|post)\.?/i, "$1");
  if (!/^[0-9][A-Za-z0-9.!+]*(?:\.\*|\*)?$/.test(version)) return undefined;
  const release = /^[0-9]+(?:\.[0-9]+)*/.exec(version)?.[0].split(".").map(Number) ?? [];
  if (operator === "^") return `>=${version},<${caret(release)}`;
  if (operator === "~") return `>=${version},<${tilde(release)}`;
  // PEP 440 wants two numbers behind it.
  if (operator === "~=" && release.length === 1) return `>=${version},<${raised(release, 0)}`;
  if (operator === "" || operator === "=") return `==${version.replace(/(?<!\.)\*$/, ".*")}`;
  return `${operator}${version}`;
}

function caret(release: readonly number[]): string {
  const leading = release.findIndex((number) => number !== 0);
  return raised(release, leading < 0 ? release.length - 1 : leading);
}

function tilde(release: readonly number[]): string {
  return raised(release, Math.min(release.length - 1, 1));
}

function raised(release: readonly number[], at: number): string {
  const numbers = release.map((number, index) => (index < at ? number : index === at ? number + 1 : 0));
  return numbers.slice(0, Math.max(at + 1, 2)).join(".");
}

/** From the lowest lower bound to the highest upper one; exact if each begins where the one before it ends. */
function union(alternatives: readonly string[]): PoetryVersion {
  const ranges = alternatives.map((text) => ({
    lower: /(?:>=|==)([^,*]+?)(?:\.\*)?(?:,|$)/.exec(text)?.[1],
    upper: /<([^=,][^,]*)/.exec(text)?.[1] ?? upperOfWildcard(text),
  }));
  const first = ranges[0]?.lower;
  const last = ranges.at(-1)?.upper;
  const adjoins = ranges.slice(1).every(({ lower }, at) => {
    const before = ranges[at]?.upper;
    return before === undefined || (lower !== undefined && sameRelease(before, lower));
  });
  const bounds = [first === undefined ? "" : `>=${first}`, last === undefined ? "" : `<${last}`];
  return { specifiers: bounds.filter((bound) => bound !== "").join(","), isWider: !adjoins };
}

function upperOfWildcard(text: string): string | undefined {
  const release = /^==([0-9.]+)\.\*$/.exec(text)?.[1]?.split(".").map(Number);
  return release && raised(release, release.length - 1);
}

function sameRelease(a: string, b: string): boolean {
  const trimmed = (text: string) => text.replace(/(?:\.0)+$/, "");
  return trimmed(a) === trimmed(b);
}
