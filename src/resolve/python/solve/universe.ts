/**
 * Python's packages as a universe for PubGrub: markers are settled for the one platform that is solved for, extras are
 * packages that need their project in the same version, and what cannot be installed here is said when it is met.
 */
import { isCopseError } from "#base";
import type { CoreMetadata, NormalizedName, Requirement } from "#format/python";
import {
  type Choice,
  complementOf,
  countVersions,
  hasVersion,
  intersectionOf,
  singleVersion,
  type Universe,
  unionOf,
  type VersionSet,
  type Wanted,
} from "../../pubgrub/mod.ts";
import {
  type Note,
  type PythonFact,
  requirementText,
  setOfRequirement,
  UrlFound,
  unavailableFact,
} from "./facts.ts";
import type { Described, Library } from "./library.ts";
import { LookAhead } from "./look-ahead.ts";
import type { IndexFile } from "./package-index.ts";
import { type NamedPackage, Packages, type PythonPackage } from "./packages.ts";
import type { Project } from "./project.ts";
import { type Reason, reasonKey } from "./reason.ts";
import type { PreparedRequest } from "./request.ts";

/** Apart by more than there are projects in any solve. */
const RANKS = { early: 1e6, late: 2e6, usual: 3e6 };

export class PythonUniverse<F extends IndexFile> implements Universe<PythonPackage, Note> {
  readonly packages = new Packages();
  readonly #library: Library<F>;
  readonly #request: PreparedRequest;
  /** Projects in the order in which they came up: what the request names comes first. */
  readonly #order = new Map<NormalizedName, number>();
  readonly #facts = new Map<PythonPackage, Map<number, readonly PythonFact[]>>();
  readonly #constrained = new Set<NormalizedName>();
  readonly #lookAhead = new LookAhead();
  /** What was last chosen of a project: its extras follow it. */
  readonly #chosen = new Map<NormalizedName, number>();

  constructor(library: Library<F>, request: PreparedRequest) {
    this.#library = library;
    this.#request = request;
  }

  priority({ package: one, versions, rank }: Wanted<PythonPackage>): number {
    if (one.kind === "root") return -1;
    const order = this.#order.get(one.name) ?? 0;
    // Behind its project, whose version it takes.
    if (one.kind === "extra") return RANKS.usual + order + 0.5;
    // What leaves no choice costs nothing to decide, and what it demands had better be known early.
    if (countVersions(versions, this.#library.loaded(one.name).count) <= 1) return order;
    return RANKS[rank] + order;
  }

  choose(
    one: PythonPackage,
    versions: VersionSet,
  ): Choice<PythonPackage, Note> | Promise<Choice<PythonPackage, Note>> {
    if (one.kind === "root") return { kind: "version", version: 0 };
    const project = this.#library.loaded(one.name);
    if (one.kind === "extra") return this.#chooseExtra(one, versions);
    const facts = this.#constraintFacts(one, project);
    if (facts.length > 0) return { kind: "facts", facts };
    const unavailable = new Map<string, { readonly reason: Reason; versions: VersionSet }>();
    const best = project.best(versions, (ordinal, reason) => {
      const group = unavailable.get(reasonKey(reason)) ?? { reason, versions: [] };
      unavailable.set(reasonKey(reason), {
        reason,
        versions: unionOf(group.versions, singleVersion(ordinal)),
      });
    });
    if (unavailable.size > 0)
      return {
        kind: "facts",
        facts: [...unavailable.values()].map((group) => unavailableFact(one, group.versions, group.reason)),
      };
    if (best === undefined) throw new Error(`No version of ${project.name} in ${versions.join()}`);
    this.#chosen.set(one.name, best);
    const ahead = this.#lookAhead.after(best, { project, versions });
    return ahead.length > 0 ? this.#tellAhead(one, ahead, best) : { kind: "version", version: best };
  }

  #chooseExtra(one: NamedPackage, versions: VersionSet): Choice<PythonPackage, Note> {
    const chosen = this.#chosen.get(one.name);
    if (chosen !== undefined && hasVersion(versions, chosen)) return { kind: "version", version: chosen };
    // The project has to move to where its extra can be had.
    return { kind: "facts", facts: [this.#sameVersion(one, versions)] };
  }

  /** Instead of trying one more version, tells the facts of many. */
  #tellAhead(
    one: NamedPackage,
    ordinals: readonly number[],
    best: number,
  ): Promise<Choice<PythonPackage, Note>> | Choice<PythonPackage, Note> {
    const choiceOf = (facts: readonly PythonFact[]): Choice<PythonPackage, Note> =>
      facts.length > 0 ? { kind: "facts", facts } : { kind: "version", version: best };
    const facts = ordinals.map((ordinal) => this.factsOf(one, ordinal));
    if (facts.some((some) => some instanceof Promise))
      return Promise.all(facts).then((known) => choiceOf(known.flat()));
    return choiceOf(facts.flatMap((known) => known as readonly PythonFact[]));
  }

  #constraintFacts(one: NamedPackage, project: Project<F>): PythonFact[] {
    if (this.#constrained.has(one.name)) return [];
    this.#constrained.add(one.name);
    return this.#request.constraintsOn(one.name).flatMap((constraint) => {
      const outside = intersectionOf(project.all, complementOf(setOfRequirement(project, constraint)));
      if (outside.length === 0) return [];
      const text = requirementText(constraint);
      return [unavailableFact(one, outside, { kind: "constraint", requirement: text })];
    });
  }

  factsOf(one: PythonPackage, version: number): readonly PythonFact[] | Promise<readonly PythonFact[]> {
    const known = this.#facts.get(one) ?? new Map<number, readonly PythonFact[]>();
    this.#facts.set(one, known);
    const before = known.get(version);
    if (before) return before;
    const facts = this.#readFacts(one, version);
    if (facts instanceof Promise)
      return facts.then((settled) => {
        known.set(version, settled);
        return settled;
      });
    known.set(version, facts);
    return facts;
  }

  #readFacts(one: PythonPackage, version: number): readonly PythonFact[] | Promise<readonly PythonFact[]> {
    if (one.kind === "root") {
      this.#library.expect(this.#request.requirements);
      return this.#factsOfDemands(one, version, this.#request.requirements);
    }
    const described = this.#library.describe(this.#library.loaded(one.name), version);
    if (described instanceof Promise)
      return described.then((settled) => this.#factsOfDescribed(one, version, settled));
    return this.#factsOfDescribed(one, version, described);
  }

  #factsOfDescribed(
    one: NamedPackage,
    version: number,
    described: Described,
  ): readonly PythonFact[] | Promise<readonly PythonFact[]> {
    const extra = one.kind === "extra" ? one.extra : undefined;
    const read = this.#readDemands(one, version, described);
    if (read.kind === "unusable") {
      this.#library.passOver(one.name, version, read.reason);
      return [unavailableFact(one, singleVersion(version), read.reason)];
    }
    const { demands } = read;
    this.#library.expect(demands);
    const facts = this.#factsOfDemands(one, version, demands);
    if (extra === undefined) return facts;
    const same = this.#sameVersion(one, singleVersion(version));
    return facts instanceof Promise ? facts.then((others) => [same, ...others]) : [same, ...facts];
  }

  #readDemands(
    one: NamedPackage,
    version: number,
    described: Described,
  ):
    | { readonly kind: "demands"; readonly demands: readonly Requirement[] }
    | { readonly kind: "unusable"; readonly reason: Reason } {
    if (described.kind === "faulty")
      return { kind: "unusable", reason: { kind: "metadata", problem: described.problem } };
    const { metadata } = described;
    const reason = this.#pythonAgainst(one, version, metadata);
    if (reason) return { kind: "unusable", reason };
    try {
      const demands = this.#library.demands(metadata, one.kind === "extra" ? one.extra : undefined);
      return { kind: "demands", demands };
    } catch (error) {
      if (!isCopseError(error, "python-marker-undefined")) throw error;
      return { kind: "unusable", reason: { kind: "metadata", problem: error.message } };
    }
  }

  #pythonAgainst(one: NamedPackage, version: number, { requiresPython }: CoreMetadata): Reason | undefined {
    if (!requiresPython) return undefined;
    const fit = this.#request.target.fit(requiresPython.toString());
    if (fit === "fits") return undefined;
    const choice = this.#library.loaded(one.name).choice(version);
    // The index said the same, and it was taken as the last resort.
    if (fit === "python-too-new" && choice.kind === "file" && choice.lastResort) return undefined;
    return { kind: "python", requires: requiresPython.toString() };
  }

  #factsOfDemands(
    one: PythonPackage,
    version: number,
    demands: readonly Requirement[],
  ): readonly PythonFact[] | Promise<readonly PythonFact[]> {
    const loading: Promise<unknown>[] = [];
    for (const { name } of demands) {
      if (!this.#order.has(name)) this.#order.set(name, this.#order.size);
      const project = this.#library.project(name);
      if (project instanceof Promise) loading.push(project);
    }
    const make = () => demands.flatMap((demand) => this.#factsOfDemand(one, version, demand));
    return loading.length === 0 ? make() : Promise.all(loading).then(make);
  }

  #factsOfDemand(one: PythonPackage, version: number, requirement: Requirement): PythonFact[] {
    const project = this.#library.loaded(requirement.name);
    const allowed = setOfRequirement(project, requirement);
    if (requirement.url !== undefined && allowed.length === 0)
      throw new UrlFound(requirement.name, requirement.url);
    const needed = [
      this.packages.project(requirement.name),
      ...requirement.extras.map((extra) => this.packages.extra(requirement.name, extra)),
    ];
    return needed
      .filter((other) => other !== one || !hasVersion(allowed, version))
      .map((needs) => ({
        kind: "dependency",
        package: one,
        versions: singleVersion(version),
        needs,
        allowed,
        note: { kind: "demand", requirement },
      }));
  }

  #sameVersion(one: NamedPackage, versions: VersionSet): PythonFact {
    const needs = this.packages.project(one.name);
    return {
      kind: "dependency",
      package: one,
      versions,
      needs,
      allowed: versions,
      note: { kind: "same-version" },
    };
  }
}
