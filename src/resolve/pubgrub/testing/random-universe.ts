/**
 * For tests: small made-up worlds of packages, and a judge that knows nothing of PubGrub. It tries every
 * combination, cutting off only what is already broken, so that what it says is so.
 */
import type { Random } from "#format/testing";
import type { Fact, Universe } from "../mod.ts";
import { hasVersion, type VersionSet, versionsWhere } from "../mod.ts";

export interface World {
  /** Package 0 is the root, with one version. By package and version, its needs: package to allowed versions. */
  readonly packages: readonly (readonly ReadonlyMap<number, VersionSet>[])[];
  readonly broken: ReadonlySet<string>;
}

export interface WorldShape {
  readonly packages: number;
  readonly versions: number;
  readonly needs: number;
  /** How likely a version of the needed package is allowed. */
  readonly allowed: number;
}

export function randomWorld(random: Random, shape: WorldShape): World {
  const counts = [1, ...random.list(shape.packages, () => 1 + random.below(shape.versions))];
  const broken = new Set<string>();
  const packages = counts.map((count, one) =>
    random.list(count, (version) => {
      if (one > 0 && random.chance(0.05)) broken.add(`${one} ${version}`);
      const needs = new Map<number, VersionSet>();
      const wanted = one === 0 ? 1 + random.below(3) : random.below(shape.needs + 1);
      for (let i = 0; i < wanted; i++) {
        const needed = 1 + random.below(shape.packages);
        needs.set(
          needed,
          versionsWhere(counts[needed]!, () => random.chance(shape.allowed)),
        );
      }
      return needs;
    }),
  );
  return { packages, broken };
}

/** A world as the solver sees it: newest first, the last ordinal being the newest. */
export function worldUniverse({ packages, broken }: World): Universe<number, string> {
  return {
    priority: ({ rank }) => (rank === "early" ? 0 : 1),
    choose(one, versions) {
      const count = packages[one]!.length;
      for (let version = count - 1; version >= 0; version--)
        if (hasVersion(versions, version)) return { kind: "version", version };
      throw new Error(`No version of ${one} in ${versions.join()}`);
    },
    factsOf(one, version) {
      if (broken.has(`${one} ${version}`))
        return [{ kind: "unavailable", package: one, versions: [version, version + 1], note: "broken" }];
      return [...packages[one]![version]!].map(
        ([needs, allowed]): Fact<number, string> => ({
          kind: "dependency",
          package: one,
          versions: [version, version + 1],
          needs,
          allowed,
          note: "needs",
        }),
      );
    },
  };
}

/** A choice of versions that satisfies everything that its members need, or undefined: by trying all. */
export function judgeWorld({ packages, broken }: World): ReadonlyMap<number, number> | undefined {
  return extend(new Map([[0, 0]]));

  function extend(chosen: ReadonlyMap<number, number>): ReadonlyMap<number, number> | undefined {
    if (!isConsistent(chosen)) return undefined;
    const missing = firstMissing(chosen);
    if (missing === undefined) return chosen;
    for (let version = 0; version < packages[missing]!.length; version++) {
      const found = extend(new Map([...chosen, [missing, version]]));
      if (found) return found;
    }
    return undefined;
  }

  function isConsistent(chosen: ReadonlyMap<number, number>): boolean {
    for (const [one, version] of chosen) {
      if (broken.has(`${one} ${version}`)) return false;
      for (const [needed, allowed] of packages[one]![version]!) {
        const taken = chosen.get(needed);
        if (taken !== undefined && !hasVersion(allowed, taken)) return false;
        if (allowed.length === 0) return false;
      }
    }
    return true;
  }

  function firstMissing(chosen: ReadonlyMap<number, number>): number | undefined {
    for (const [one, version] of chosen)
      for (const needed of packages[one]![version]!.keys()) if (!chosen.has(needed)) return needed;
    return undefined;
  }
}

/** What is wrong with a solution: nothing missing, nothing superfluous, nothing excluded. */
export function faultsOf({ packages, broken }: World, solution: ReadonlyMap<number, number>): string[] {
  const faults: string[] = [];
  const reached = new Set<number>([0]);
  for (const one of reached) {
    const version = solution.get(one);
    if (version === undefined) {
      faults.push(`${one} is missing`);
      continue;
    }
    if (broken.has(`${one} ${version}`)) faults.push(`${one} ${version} is broken`);
    for (const [needed, allowed] of packages[one]![version]!) {
      reached.add(needed);
      const taken = solution.get(needed);
      if (taken === undefined || !hasVersion(allowed, taken))
        faults.push(`${one} ${version} needs ${needed} in ${allowed.join()}, not ${taken}`);
    }
  }
  for (const one of solution.keys()) if (!reached.has(one)) faults.push(`${one} is superfluous`);
  return faults;
}
