/**
 * Specifiers as sets of versions: sorted, disjoint, half-open intervals `[from, to)` of version keys.
 *
 * `version-key.ts` has the points between versions that this needs. An interval that holds no version (`>1.0a1,<1.0a2.dev0`)
 * is not recognised as empty; nothing depends on that.
 *
 * `===V` is the one clause that is not such a set: it compares text, and `1.0` and `1.0.0` are the same point here. Its range
 * is the point of `V` if `V` is a version in normal form, else nothing; `contains` looks at the text as well.
 */
import { assertNever } from "#base";
import type { Specifier, Specifiers } from "./specifiers.ts";
import {
  formatVersion,
  isPrerelease,
  partsOf,
  successor,
  tryParseVersion,
  type VersionParts,
} from "./version.ts";
import {
  behindLocals,
  behindPosts,
  behindVersion,
  earlierKey,
  HIGHEST_KEY,
  keyOfVersion,
  LOWEST_KEY,
  laterKey,
  type VersionKey,
} from "./version-key.ts";

/** All versions whose key is at least `from`, and less than `to`. */
export interface VersionInterval {
  readonly from: VersionKey;
  readonly to: VersionKey;
}

export const ALL_VERSIONS: readonly VersionInterval[] = [{ from: LOWEST_KEY, to: HIGHEST_KEY }];

/** The versions that meet all clauses; with `===` among them, see above. Computed once. */
export function specifierRanges(specifiers: Specifiers): readonly VersionInterval[] {
  return specifiers.ranges;
}

/** By halves, so that time does not grow with the square of the clauses, of which an attacker can send many. */
export function rangesOfClauses(clauses: readonly Specifier[]): readonly VersionInterval[] {
  if (clauses.length === 0) return ALL_VERSIONS;
  if (clauses.length === 1) return rangesOfClause(clauses[0]!);
  const half = clauses.length >> 1;
  return intersectIntervals(rangesOfClauses(clauses.slice(0, half)), rangesOfClauses(clauses.slice(half)));
}

function rangesOfClause(clause: Specifier): readonly VersionInterval[] {
  if (clause.kind === "identical") return rangesOfText(clause.text);
  const { operator, version } = clause;
  switch (operator) {
    case "==":
      return clause.wildcard ? [withPrefix(version)] : [equalTo(version)];
    case "!=":
      return outside(clause.wildcard ? withPrefix(version) : equalTo(version));
    case "~=": {
      const prefix = { epoch: version.epoch, release: version.release.slice(0, -1) };
      return [{ from: version.key, to: withPrefix(prefix).to }];
    }
    case ">=":
      return [{ from: version.key, to: HIGHEST_KEY }];
    case "<=":
      return [{ from: LOWEST_KEY, to: behindLocals(version) }];
    case ">":
      return [{ from: greaterThan(version), to: HIGHEST_KEY }];
    case "<":
      return [{ from: LOWEST_KEY, to: isPrerelease(version) ? version.key : firstDev(version) }];
    default:
      return assertNever(operator);
  }
}

function rangesOfText(text: string): readonly VersionInterval[] {
  const version = tryParseVersion(text);
  if (version === undefined || formatVersion(version) !== text.toLowerCase()) return [];
  return [{ from: version.key, to: behindVersion(version) }];
}

/** A version, with its local builds if it names none. */
function equalTo(version: VersionParts): VersionInterval {
  const to = version.local === undefined ? behindLocals(version) : behindVersion(version);
  return { from: keyOfVersion(version), to };
}

/** All versions whose release begins like this one. */
function withPrefix({ epoch, release }: VersionParts): VersionInterval {
  const next = [...release.slice(0, -1), successor(release.at(-1)!)];
  return { from: firstDev({ epoch, release }), to: firstDev({ epoch, release: next }) };
}

/** Post-releases of a version that is none do not count as greater. */
function greaterThan(version: VersionParts): VersionKey {
  const parts = { ...partsOf(version), local: undefined };
  if (version.dev !== undefined) return keyOfVersion({ ...parts, dev: successor(version.dev) });
  if (version.post !== undefined) return keyOfVersion({ ...parts, post: successor(version.post), dev: 0 });
  return behindPosts(parts);
}

/** The first pre-release of a version. */
function firstDev(version: VersionParts): VersionKey {
  return keyOfVersion({ ...partsOf(version), dev: 0, local: undefined });
}

function outside({ from, to }: VersionInterval): readonly VersionInterval[] {
  return [
    { from: LOWEST_KEY, to: from },
    { from: to, to: HIGHEST_KEY },
  ];
}

export function intersectIntervals(
  a: readonly VersionInterval[],
  b: readonly VersionInterval[],
): readonly VersionInterval[] {
  const result: VersionInterval[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const left = a[i]!;
    const right = b[j]!;
    const from = laterKey(left.from, right.from);
    const to = earlierKey(left.to, right.to);
    if (from < to) result.push({ from, to });
    if (left.to < right.to) i++;
    else j++;
  }
  return result;
}

export function isInIntervals(intervals: readonly VersionInterval[], key: VersionKey): boolean {
  for (const { from, to } of intervals) {
    if (key < from) return false;
    if (key < to) return true;
  }
  return false;
}
