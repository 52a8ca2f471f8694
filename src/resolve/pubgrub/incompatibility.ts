/**
 * An incompatibility is a set of terms, at most one per package, that cannot all hold. The external ones state a
 * *fact* that the universe told; the derived ones follow from two others and keep them as their causes, so that the
 * last one derived holds the proof.
 */
import { conjunction, disjunction, type Term } from "./term.ts";
import { complementOf, intersectionOf, isEmptySet, NO_VERSIONS, type VersionSet } from "./version-set.ts";

/** What a universe says about its packages. `note` is the universe's own: why it is so. */
export type Fact<P, N> =
  /** Whoever takes `package` in one of `versions` must take `needs` in one of `allowed`. */
  | {
      readonly kind: "dependency";
      readonly package: P;
      readonly versions: VersionSet;
      readonly needs: P;
      readonly allowed: VersionSet;
      readonly note: N;
    }
  /** None of `versions` can be taken. */
  | { readonly kind: "unavailable"; readonly package: P; readonly versions: VersionSet; readonly note: N };

export type Cause<P, N> =
  | { readonly kind: "root" }
  | { readonly kind: "fact"; readonly facts: readonly Fact<P, N>[] }
  | {
      readonly kind: "derived";
      readonly left: Incompatibility<P, N>;
      readonly right: Incompatibility<P, N>;
    };

export interface Incompatibility<P, N> {
  readonly id: number;
  readonly packages: readonly number[];
  /** In the order of `packages`. */
  readonly terms: readonly Term[];
  readonly cause: Cause<P, N>;
}

/** The terms of a fact, by package. A package that needs itself in another version cannot be taken at all. */
export function termsOfFact<P, N>(fact: Fact<P, N>, numberOf: (one: P) => number): Map<number, Term> {
  const owner = numberOf(fact.package);
  const terms = new Map<number, Term>([[owner, { positive: true, set: fact.versions }]]);
  if (fact.kind === "unavailable") return terms;
  const needed = numberOf(fact.needs);
  if (needed === owner) {
    const outside = intersectionOf(fact.versions, complementOf(fact.allowed));
    terms.set(owner, { positive: true, set: outside });
  } else if (!isEmptySet(fact.allowed)) {
    terms.set(needed, { positive: false, set: fact.allowed });
  }
  return terms;
}

/**
 * The resolution rule: of two incompatibilities that disagree about `pivot`, the one that remains when the package
 * is left out of account. Terms about other packages are joined; about the pivot, either side must hold.
 */
export function resolveTerms<P, N>(
  [left, right]: readonly [Incompatibility<P, N>, Incompatibility<P, N>],
  pivot: number,
): Map<number, Term> {
  const terms = new Map<number, Term>();
  for (const side of [left, right])
    side.packages.forEach((number, index) => {
      if (number === pivot) return;
      const before = terms.get(number);
      const term = side.terms[index]!;
      terms.set(number, before ? conjunction(before, term) : term);
    });
  const either = disjunction(termOf(left, pivot), termOf(right, pivot));
  const always = !either.positive && isEmptySet(either.set);
  if (!always) terms.set(pivot, either);
  return terms;
}

export function termOf<P, N>(incompatibility: Incompatibility<P, N>, number: number): Term {
  const index = incompatibility.packages.indexOf(number);
  return incompatibility.terms[index] ?? { positive: false, set: NO_VERSIONS };
}
