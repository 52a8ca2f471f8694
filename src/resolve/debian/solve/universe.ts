/**
 * All packages of the indexes that a resolution looks at, and which of them satisfy a relation.
 *
 * A suite with its pockets (updates, security) and further repositories is several indexes that know different
 * versions of one package. A candidate is one version of the highest priority that its name has (`pins.ts`); the
 * others are as if they were not there, as for apt. The preferred one of equals is the version that the lock already
 * has, else the highest. Indexes are of one architecture, so that of Multi-Arch only `name:any` remains to be
 * understood.
 */
import { compareDebVersions, type DebRelation, parseDebRelations, satisfiesDebConstraint } from "#format";
import type { IndexRecord, PackageIndex } from "../index/index-file.ts";
import { DEFAULT_PRIORITY, type IndexFacts, PinPolicy, type PinStatement } from "./pins.ts";

export interface Candidate extends IndexRecord {
  /** The archive that `file` is a path of. */
  readonly archive: string;
}

export interface IndexSource {
  readonly archive: string;
  readonly index: PackageIndex;
  /** What pins can be about; nothing said means an index without a name, of the usual priority. */
  readonly facts?: IndexFacts | undefined;
}

/** A version that is not taken. */
export interface PassedOver {
  readonly version: string;
  readonly priority: number;
}

export interface UniverseOptions {
  readonly sources: readonly IndexSource[];
  readonly pins?: readonly PinStatement[] | undefined;
  /** Versions to prefer, by name: those of the lock. */
  readonly preferredVersions?: ReadonlyMap<string, string> | undefined;
}

/** A group of alternatives, and the candidates that satisfy it, the preferred one first. */
export interface Dependency {
  readonly kind: "pre-depends" | "depends";
  readonly relations: readonly DebRelation[];
}

interface Offer {
  readonly candidates: readonly Candidate[];
  readonly passedOver: readonly PassedOver[];
}

const plainFacts: IndexFacts = {
  ...{ suite: "", codename: "", origin: "", label: "", version: "", component: "", architecture: "" },
  ...{ host: "", priority: DEFAULT_PRIORITY },
};

const priorities = ["required", "important", "standard", "optional", "extra"];

export class PackageUniverse {
  readonly #sources: readonly IndexSource[];
  readonly #preferred: ReadonlyMap<string, string>;
  readonly #records = new Map<string, Candidate>();
  readonly #byName = new Map<string, Offer>();
  readonly #policy: PinPolicy;
  readonly #byVirtual = new Map<string, readonly Candidate[]>();

  constructor(options: UniverseOptions) {
    this.#sources = options.sources;
    this.#preferred = options.preferredVersions ?? new Map();
    this.#policy = new PinPolicy(
      options.pins ?? [],
      options.sources.map(({ facts }) => facts ?? plainFacts),
    );
  }

  /** The versions of a package of that very name, the preferred one first. */
  candidates(name: string): readonly Candidate[] {
    return this.#offer(name).candidates;
  }

  /** The versions that stand behind the candidates, the best first. */
  passedOver(name: string): readonly PassedOver[] {
    return this.#offer(name).passedOver;
  }

  /** Packages that provide a name, in the order in which they are to be chosen. */
  providers(name: string): readonly Candidate[] {
    let found = this.#byVirtual.get(name);
    if (!found) {
      const all = this.#sources.flatMap((source, i) =>
        source.index.findProviders(name).map((n) => this.#candidate(i, n)),
      );
      const distinct = all.filter((one) => this.candidates(one.name).includes(one));
      found = distinct.sort(
        (a, b) => comparePriority(a, b) || compareNames(a, b) || this.#compareVersions(a, b),
      );
      this.#byVirtual.set(name, found);
    }
    return found;
  }

  /** Candidates that satisfy a relation: the real packages first, then those that provide it. */
  satisfying(relation: DebRelation): Candidate[] {
    const { name, qualifier, version } = relation;
    const real = this.candidates(name).filter(
      (one) => matchesQualifier(one, qualifier) && matches(one.version, relation),
    );
    const provided = this.providers(name).filter((one) => one.name !== name && this.#provides(one, relation));
    return version === undefined || provided.length > 0 ? [...real, ...provided] : real;
  }

  /** Every name once, sorted. */
  names(): string[] {
    if (this.#sources.length === 1) return this.#sources[0]?.index.names() ?? [];
    return [...new Set(this.#sources.flatMap(({ index }) => index.names()))].sort();
  }

  #offer(name: string): Offer {
    let offer = this.#byName.get(name);
    if (!offer) {
      offer = this.#makeOffer(name);
      this.#byName.set(name, offer);
    }
    return offer;
  }

  #makeOffer(name: string): Offer {
    const versions = new Map<string, { candidate: Candidate; indexes: number[] }>();
    this.#sources.forEach(({ index }, at) => {
      for (const number of index.find(name)) {
        const candidate = this.#candidate(at, number);
        const known = versions.get(candidate.version);
        if (known) known.indexes.push(at);
        else versions.set(candidate.version, { candidate, indexes: [at] });
      }
    });
    const ranked = [...versions.values()].map(({ candidate, indexes }) => ({
      candidate,
      priority: this.#policy.priority({ ...candidate, indexes }),
    }));
    const best = Math.max(...ranked.map(({ priority }) => priority));
    const candidates = ranked.filter(({ priority }) => priority === best && best > 0);
    const others = ranked.filter((one) => !candidates.includes(one));
    others.sort(
      (a, b) => b.priority - a.priority || compareDebVersions(b.candidate.version, a.candidate.version),
    );
    return {
      candidates: candidates.map((one) => one.candidate).sort((a, b) => this.#compareVersions(a, b)),
      passedOver: others.map(({ candidate: { version }, priority }) => ({ version, priority })),
    };
  }

  #provides(candidate: Candidate, relation: DebRelation): boolean {
    return relationsOf(candidate.provides).some(
      ([provided]) =>
        provided?.name === relation.name &&
        // What is provided without a version satisfies no relation that asks for one.
        (relation.version === undefined ||
          (provided.version !== undefined && matches(provided.version.version, relation))),
    );
  }

  #candidate(source: number, number: number): Candidate {
    const key = `${source}:${number}`;
    let candidate = this.#records.get(key);
    if (!candidate) {
      const { archive, index } = this.#sources[source] as IndexSource;
      candidate = { ...index.record(number), archive };
      this.#records.set(key, candidate);
    }
    return candidate;
  }

  #compareVersions(a: Candidate, b: Candidate): number {
    const preferred = this.#preferred.get(a.name);
    if (a.name === b.name && a.version !== b.version) {
      if (a.version === preferred) return -1;
      if (b.version === preferred) return 1;
    }
    return compareDebVersions(b.version, a.version);
  }
}

/** What must be there with a candidate, in the order of its fields. */
export function dependenciesOf(candidate: Candidate): Dependency[] {
  return [
    ...relationsOf(candidate.preDepends).map((relations): Dependency => ({ kind: "pre-depends", relations })),
    ...relationsOf(candidate.depends).map((relations): Dependency => ({ kind: "depends", relations })),
  ];
}

/** What must not be there with a candidate. */
export function conflictsOf(candidate: Candidate): DebRelation[] {
  return [...relationsOf(candidate.conflicts), ...relationsOf(candidate.breaks)].flat();
}

function relationsOf(field: string): readonly (readonly DebRelation[])[] {
  return field === "" ? [] : parseDebRelations(field);
}

/** A relation as Debian writes it. */
export function formatRelation(relation: DebRelation): string {
  const qualifier = relation.qualifier === undefined ? "" : `:${relation.qualifier}`;
  const version = relation.version ? ` (${relation.version.operator} ${relation.version.version})` : "";
  return `${relation.name}${qualifier}${version}`;
}

function matches(version: string, relation: DebRelation): boolean {
  return relation.version === undefined || satisfiesDebConstraint(version, relation.version);
}

// `name:any` asks for a package that says it may serve any architecture; a plain name, or one of our own
// architecture, asks for nothing more here.
function matchesQualifier(candidate: Candidate, qualifier: string | undefined): boolean {
  if (qualifier === undefined || qualifier === "native") return true;
  if (qualifier === "any") return candidate.multiArch === "allowed";
  return qualifier === candidate.architecture;
}

function comparePriority(a: Candidate, b: Candidate): number {
  const rank = (one: Candidate) => (one.essential ? -1 : priorities.indexOf(one.priority) >>> 0);
  return rank(a) - rank(b);
}

function compareNames(a: Candidate, b: Candidate): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
