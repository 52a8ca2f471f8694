/**
 * A term says something about one package: positive, that it is chosen with a version of a set; negative, that it
 * is not (it is absent, or its version is another one). `accumulated` below is what the partial solution says of
 * the package so far, itself a term.
 */
import { intersectionOf, isDisjointFrom, isSubsetOf, unionOf, type VersionSet } from "./version-set.ts";

export interface Term {
  readonly positive: boolean;
  readonly set: VersionSet;
}

export function negate(term: Term): Term {
  return { positive: !term.positive, set: term.set };
}

/** Both hold. */
export function conjunction(left: Term, right: Term): Term {
  if (left.positive && right.positive) return { positive: true, set: intersectionOf(left.set, right.set) };
  if (!left.positive && !right.positive) return { positive: false, set: unionOf(left.set, right.set) };
  const [positive, negative] = left.positive ? [left, right] : [right, left];
  return { positive: true, set: withoutSet(positive.set, negative.set) };
}

/** At least one holds. By De Morgan, from the conjunction. */
export function disjunction(left: Term, right: Term): Term {
  return negate(conjunction(negate(left), negate(right)));
}

export type Relation = "satisfied" | "contradicted" | "inconclusive";

/** What is known (`accumulated`, undefined when nothing is) says about a term. */
export function relationOf(accumulated: Term | undefined, term: Term): Relation {
  if (!accumulated) return !term.positive && term.set.length === 0 ? "satisfied" : "inconclusive";
  if (accumulated.positive) {
    if (isSubsetOf(accumulated.set, term.set)) return term.positive ? "satisfied" : "contradicted";
    if (isDisjointFrom(accumulated.set, term.set)) return term.positive ? "contradicted" : "satisfied";
    return "inconclusive";
  }
  // Nothing negative can imply that a package is chosen.
  if (!isSubsetOf(term.set, accumulated.set)) return "inconclusive";
  return term.positive ? "contradicted" : "satisfied";
}

function withoutSet(set: VersionSet, removed: VersionSet): VersionSet {
  if (isDisjointFrom(set, removed)) return set;
  return intersectionOf(set, removed[0] === 0 ? removed.slice(1) : [0, ...removed]);
}
