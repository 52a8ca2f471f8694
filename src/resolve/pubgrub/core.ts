/**
 * From a proof that there is no solution to what a person has to know: the facts that the proof rests on, as few of
 * them as still exclude every solution.
 *
 * The proof itself (a tree of derived incompatibilities) is written in the order in which the solver stumbled. Its
 * leaves are better material: they say who needs what, and leaving out what is not needed makes them short.
 */
import type { Fact, Incompatibility } from "./incompatibility.ts";
import { solve, type Universe } from "./solver.ts";
import { hasVersion } from "./version-set.ts";

/** The facts under a proof, each once, in the order of their first use. */
export function factsUnder<P, N>(proof: Incompatibility<P, N>): readonly Fact<P, N>[] {
  const facts = new Set<Fact<P, N>>();
  const seen = new Set<Incompatibility<P, N>>();
  const open = [proof];
  while (open.length > 0) {
    const one = open.pop()!;
    if (seen.has(one)) continue;
    seen.add(one);
    if (one.cause.kind === "derived") open.push(one.cause.left, one.cause.right);
    if (one.cause.kind === "fact") for (const fact of one.cause.facts) facts.add(fact);
  }
  return [...facts];
}

/**
 * A smallest-by-leaving-out part of `groups` that still has no solution. Groups earlier in the list are tried for
 * removal first. Every remaining one is needed: without it there would be a solution.
 */
export async function shrinkCore<P, N>(
  root: P,
  groups: readonly (readonly Fact<P, N>[])[],
): Promise<readonly (readonly Fact<P, N>[])[]> {
  let kept = groups;
  // Large parts first, so that hundreds of groups do not need hundreds of solves.
  for (let size = Math.ceil(groups.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const without = [...kept.slice(0, at), ...kept.slice(at + size)];
      const outcome = await solve(root, factUniverse(without.flat()));
      if (outcome.kind === "conflict") kept = without;
      else at += size;
    }
  }
  return kept;
}

/** A universe of which nothing is known but these facts: every package has endlessly many versions. */
export function factUniverse<P, N>(facts: readonly Fact<P, N>[]): Universe<P, N> {
  const byPackage = Map.groupBy(facts, (fact) => fact.package);
  return {
    priority: () => 0,
    choose: (_one, versions) => ({ kind: "version", version: versions[0]! }),
    factsOf: (one, version) =>
      (byPackage.get(one) ?? []).filter((fact) => hasVersion(fact.versions, version)),
  };
}
