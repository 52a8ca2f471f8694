/**
 * R as Debian has it: R itself, and the packages of CRAN and Bioconductor that Debian has built (`r-cran-lme4`,
 * `r-bioc-biobase`), each in the one version of the suite.
 */
import { CopseError } from "#base";
import { parseRVersion, type RVersion, rVersionOfDebian } from "#format/r";
import { type Candidate, dependenciesOf, type PackageUniverse } from "../debian/solve/universe.ts";
import type { DebianCandidate } from "./candidate.ts";

export class DebianR {
  readonly #universe: PackageUniverse;
  readonly #suite: string;

  constructor(universe: PackageUniverse, suite: string) {
    this.#universe = universe;
    this.#suite = suite;
  }

  /** `4.2.2`. Throws `r-missing` where the suite has no R. */
  get version(): RVersion {
    const found = this.#universe.candidates("r-base-core")[0];
    const version = found && /^(?:[0-9]+:)?([0-9]+\.[0-9]+\.[0-9]+)/.exec(found.version)?.[1];
    if (version !== undefined) return parseRVersion(version);
    throw new CopseError("r-missing", `Suite has no R: \`${this.#suite}\``);
  }

  /** A package by R's name, in whichever letters. */
  find(name: string): DebianCandidate | undefined {
    for (const debian of debianRNames(name)) {
      const found = this.#universe.candidates(debian)[0];
      if (!found) continue;
      return {
        kind: "debian",
        ...{ name, debian },
        version: rVersionOfDebian(found.version),
        requires: requiredR(found),
      };
    }
    return undefined;
  }
}

/** The names that Debian may have it by. */
export function debianRNames(name: string): readonly string[] {
  const lower = name.toLowerCase();
  return [`r-cran-${lower}`, `r-bioc-${lower}`];
}

/** R's name, in small letters: `data.table` of `r-cran-data.table`. */
export function rKeyOfDebian(debian: string): string {
  return debian.replace(/^r-(?:cran|bioc)-/, "");
}

function requiredR(candidate: Candidate): string[] {
  const names = dependenciesOf(candidate).flatMap(({ relations }) =>
    relations.slice(0, 1).map(({ name }) => name),
  );
  return [...new Set(names.filter((name) => /^r-(?:cran|bioc)-/.test(name)))];
}
