/**
 * The closure of R packages that satisfies a request.
 *
 * There is little to choose: Debian has one version of a package, a repository has its newest, the lock what was taken
 * before. So no search over versions is needed, only this: of each name the preferred candidate is taken, what it demands
 * is looked at, and a candidate that does not satisfy what is demanded of it is struck out, until nothing has to be
 * struck out any more. What is struck out never comes back, so this ends.
 *
 *   preferred     Debian's binary, then the locked source, then the repositories' sources, the highest version first
 *   struck out    the candidate that a demand excludes, while its name has another one that all demands accept; else the
 *                 one that makes the demand, if its name has another
 *   limited       a constraint is a demand on what something else demands; by itself it brings nothing
 *   suggested     what a package suggests is demanded where that is asked for, as far as anybody has it
 *   of Debian     a binary stays only while the R packages that it depends on are Debian's too: where one of them has to
 *                 be newer, it is built anew with that, if its source can be had
 */
import { CopseError } from "#base";
import { basePackages, formatRDemand, type RDemand, type RVersion, satisfiesRDemand } from "#format/r";
import { describeCandidate, type RCandidate, rKey, type SourceCandidate } from "../candidate.ts";
import { rKeyOfDebian } from "../debian-r.ts";
import { explainUnsatisfied } from "./explain.ts";

export interface RSolveRequest {
  readonly demands: readonly RDemand[];
  /** Hold for what is taken; nothing is taken because of them. */
  readonly constraints?: readonly RDemand[];
  /** Names of packages whose suggestions are taken as well. */
  readonly suggestsOf?: readonly string[];
  /** R's version. */
  readonly version: RVersion;
  /** By R's name, the preferred one first. */
  readonly candidates: (name: string) => readonly RCandidate[];
  /** Names of packages that are spelled alike. */
  readonly nearest: (name: string) => readonly string[];
  /** What an explanation ends with. */
  readonly way: string;
}

export interface RSolution {
  /** Each after what it depends on. */
  readonly packages: readonly RCandidate[];
  /** Binaries of Debian's that meet another version of something than they were built with. */
  readonly mixed: readonly { readonly candidate: RCandidate; readonly with: RCandidate }[];
}

/** A demand, and who makes it: undefined is the request. */
export interface Claim {
  readonly demand: RDemand;
  readonly from: RCandidate | undefined;
  readonly kind: "demand" | "suggestion" | "constraint";
}

/** A name, and what is claimed of it. */
export interface ClaimedName {
  readonly name: string;
  readonly claims: readonly Claim[];
}

/** `wanted` are the names of which a version that nobody has offered would help, the likeliest first. */
export class RUnsatisfiable extends CopseError {
  readonly wanted: readonly ClaimedName[];

  constructor(
    code: "r-unsatisfiable" | "r-package-unknown",
    message: string,
    { hint, wanted }: { readonly hint: string; readonly wanted: readonly ClaimedName[] },
  ) {
    super(code, message, { hint });
    this.wanted = wanted;
  }
}

/** Throws `r-package-unknown`, `r-unsatisfiable`. */
export function solveR(request: RSolveRequest): RSolution {
  return new Solver(request).solve();
}

class Solver {
  readonly #request: RSolveRequest;
  readonly #struck = new Set<RCandidate>();
  readonly #known = new Map<string, readonly RCandidate[]>();

  constructor(request: RSolveRequest) {
    this.#request = request;
  }

  solve(): RSolution {
    for (;;) {
      const state = this.#closure();
      if (this.#strikeClaims(state) || this.#strikeImpure(state)) continue;
      return { packages: [...state.chosen.values()], mixed: mixtures(state.chosen) };
    }
  }

  /** All that is reached from the request, with what is claimed of each name. */
  #closure(): State {
    const chosen = new Map<string, RCandidate>();
    const claims = new Map<string, Claim[]>();
    const visiting = new Set<string>();
    const visit = (claim: Claim): void => {
      const key = rKey(claim.demand.name);
      const known = claims.get(key);
      if (known) known.push(claim);
      else claims.set(key, [claim]);
      if (visiting.has(key) || isOfR(claim.demand.name)) return;
      visiting.add(key);
      const candidate = this.#preferred(claim.demand.name);
      if (!candidate) return;
      for (const demand of demandsOf(candidate)) visit({ demand, from: candidate, kind: "demand" });
      chosen.set(key, candidate);
      for (const demand of this.#suggestionsOf(candidate))
        visit({ demand, from: candidate, kind: "suggestion" });
    };
    for (const demand of this.#request.demands) visit({ demand, from: undefined, kind: "demand" });
    for (const demand of this.#request.constraints ?? [])
      claims.get(rKey(demand.name))?.push({ demand, from: undefined, kind: "constraint" });
    return { chosen, claims };
  }

  /** What nobody has cannot be had because of a suggestion: R leaves it out too. */
  #suggestionsOf(candidate: RCandidate): readonly RDemand[] {
    const isAsked = this.#request.suggestsOf?.some((name) => rKey(name) === rKey(candidate.name));
    return isAsked ? (candidate.suggests ?? []).filter((demand) => this.#isOne(demand)) : [];
  }

  /** Strikes out one candidate that stands against a claim. */
  #strikeClaims({ chosen, claims }: State): boolean {
    for (const [key, all] of claims) {
      const name = all[0]?.demand.name ?? key;
      const taken = chosen.get(key);
      if (this.#isSatisfied(name, taken, all)) continue;
      const other = this.#remaining(name).find((one) => this.#isSatisfied(name, one, all));
      if (other) {
        for (const one of this.#remaining(name))
          if (one === other) break;
          else this.#struck.add(one);
        return true;
      }
      const claimants = all.filter(({ from }) => from && this.#remaining(from.name).length > 1);
      // Whose demand nobody can satisfy goes first; of demands that exclude each other, the first one's.
      const yielding = claimants.find(({ demand }) => !this.#isOne(demand)) ?? claimants[0];
      if (!yielding?.from) throw this.#unsatisfied({ name, claims: all }, taken, claims);
      this.#struck.add(yielding.from);
      return true;
    }
    return false;
  }

  /** Whether any remaining candidate satisfies this one demand. */
  #isOne(demand: RDemand): boolean {
    const { name } = demand;
    if (isOfR(name)) return satisfiesRDemand(this.#request.version, demand);
    const claims = [{ demand, from: undefined, kind: "demand" }] as const;
    return this.#remaining(name).some((one) => this.#isSatisfied(name, one, claims));
  }

  #isSatisfied(name: string, taken: RCandidate | undefined, claims: readonly Claim[]): boolean {
    const version = isOfR(name) ? this.#request.version : taken?.version;
    if (!isOfR(name) && !taken) return false;
    return claims.every(({ demand }) =>
      version === undefined ? demand.condition === undefined : satisfiesRDemand(version, demand),
    );
  }

  #strikeImpure({ chosen }: State): boolean {
    const found = mixtures(chosen).find(({ candidate }) => this.#hasOtherThatHolds(candidate));
    if (found) this.#struck.add(found.candidate);
    return found !== undefined;
  }

  /** A source in the place of a binary must itself be one that this R can build. */
  #hasOtherThatHolds(candidate: RCandidate): boolean {
    return this.#remaining(candidate.name).some(
      (one) => one !== candidate && demandsOf(one).every((demand) => this.#isOne(demand)),
    );
  }

  #preferred(name: string): RCandidate | undefined {
    return this.#remaining(name)[0];
  }

  #remaining(name: string): readonly RCandidate[] {
    return this.#all(name).filter((one) => !this.#struck.has(one));
  }

  #all(name: string): readonly RCandidate[] {
    const key = rKey(name);
    let known = this.#known.get(key);
    if (!known) {
      known = this.#request.candidates(name);
      this.#known.set(key, known);
    }
    return known;
  }

  #unsatisfied(
    { name, claims }: ClaimedName,
    taken: RCandidate | undefined,
    known: State["claims"],
  ): CopseError {
    const all = isOfR(name) ? [] : this.#all(name);
    const asked = claims.find(({ from, kind }) => from === undefined && kind === "demand");
    if (!isOfR(name) && all.length === 0 && asked) {
      const nearest = this.#request.nearest(name);
      const hint = nearest.length === 0 ? this.#request.way : `did you mean ${nearest.join(", ")}?`;
      const wanted = [{ name, claims }];
      return new RUnsatisfiable("r-package-unknown", `No R package has this name: \`${name}\``, {
        hint,
        wanted,
      });
    }
    const lines = explainUnsatisfied({ name, claims, all, taken, version: this.#request.version });
    const wanted = this.#request.demands.map(formatRDemand).join(", ");
    const claimants = new Set(claims.flatMap(({ from }) => (from?.kind === "source" ? [from.name] : [])));
    const message = `R packages cannot be had together: \`${wanted}\`\n${lines.join("\n")}`;
    return new RUnsatisfiable("r-unsatisfiable", message, {
      hint: this.#request.way,
      wanted: [
        ...(isOfR(name) ? [] : [{ name, claims }]),
        ...[...claimants].map((one) => ({ name: one, claims: known.get(rKey(one)) ?? [] })),
      ],
    });
  }
}

interface State {
  /** By key, each after what it depends on. */
  readonly chosen: ReadonlyMap<string, RCandidate>;
  readonly claims: ReadonlyMap<string, readonly Claim[]>;
}

function isOfR(name: string): boolean {
  return name === "R" || basePackages.has(name);
}

/** What a candidate demands: of a binary, that the packages are there which Debian's solver brings. */
export function demandsOf(candidate: RCandidate): readonly RDemand[] {
  return candidate.kind === "source"
    ? candidate.demands
    : candidate.requires.map((debian) => ({ name: rKeyOfDebian(debian) }));
}

/** Binaries that depend on what is not Debian's here. */
function mixtures(
  chosen: ReadonlyMap<string, RCandidate>,
): { candidate: RCandidate; with: SourceCandidate }[] {
  return [...chosen.values()].flatMap((candidate) => {
    if (candidate.kind !== "debian") return [];
    const other = candidate.requires
      .map((debian) => chosen.get(rKeyOfDebian(debian)))
      .find((one) => one?.kind === "source");
    return other?.kind === "source" ? [{ candidate, with: other }] : [];
  });
}

/** For a notice: what is taken as it is though it was built with something else. */
export function describeMixture({ candidate, with: other }: RSolution["mixed"][number]): string {
  return `${describeCandidate(candidate)} is used with ${describeCandidate(other)}, which it was not built with`;
}
