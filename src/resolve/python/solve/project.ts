/**
 * One project as the solver reasons about it: its versions as ordinals, oldest first, specifiers as sets of them, and
 * which of a set is the best.
 */
import {
  contains,
  type NormalizedName,
  type Specifiers,
  specifierRanges,
  type Version,
  type VersionKey,
} from "#format/python";
import {
  hasVersion,
  intersectionOf,
  singleVersion,
  unionOf,
  type VersionSet,
  versionsIn,
  versionsWhere,
} from "../../pubgrub/mod.ts";
import type { Candidate, CandidateRules, Choice } from "./candidates.ts";
import type { IndexFile } from "./package-index.ts";
import type { Reason } from "./reason.ts";
import { prereleaseRule } from "./settings.ts";

/** A version that a requirement names by URL instead of by number. It stands behind those of the index. */
export interface DirectCandidate<F> {
  readonly url: string;
  readonly version: Version;
  readonly file: F;
}

export interface ProjectContents<F extends IndexFile> {
  readonly rules: CandidateRules;
  /** Oldest first; undefined where no index has the project. */
  readonly candidates: readonly Candidate<F>[] | undefined;
  readonly direct: readonly DirectCandidate<F>[];
  /** Files that `exclude-newer` left out. */
  readonly excludedFiles: number;
  readonly preferred: Version | undefined;
  readonly lowest: boolean;
}

export class Project<F extends IndexFile> {
  readonly name: NormalizedName;
  /** Whether any index has it. */
  readonly isKnown: boolean;
  readonly count: number;
  readonly excludedFiles: number;
  readonly #rules: CandidateRules;
  readonly #candidates: readonly Candidate<F>[];
  readonly #direct: readonly DirectCandidate<F>[];
  readonly #sets = new Map<string, VersionSet>();
  /** Ordinals in the order in which they are wanted, files aside, as far as somebody has gone. */
  readonly #order: number[] = [];
  readonly #rest: Iterator<number, void>;

  constructor({ rules, candidates, direct, excludedFiles, preferred, lowest }: ProjectContents<F>) {
    this.name = rules.name;
    this.isKnown = candidates !== undefined || direct.length > 0;
    this.excludedFiles = excludedFiles;
    this.#rules = rules;
    this.#candidates = candidates ?? [];
    this.#direct = direct;
    this.count = this.#candidates.length + direct.length;
    this.#rest = this.#orderOf({ preferred, lowest });
  }

  version(ordinal: number): Version {
    return (this.#candidates[ordinal] ?? this.#direct[ordinal - this.#candidates.length]!).version;
  }

  /** How a version is called where a person reads it. */
  label(ordinal: number): string {
    const direct = this.#direct[ordinal - this.#candidates.length];
    return direct ? `${direct.version} (${direct.url})` : this.version(ordinal).toString();
  }

  choice(ordinal: number): Choice<F> {
    const direct = this.#direct[ordinal - this.#candidates.length];
    if (direct) return { kind: "file", file: direct.file, lastResort: false };
    return this.#candidates[ordinal]!.choice(this.#rules);
  }

  /** A version turned out to be unusable. */
  rule(ordinal: number, reason: Reason): void {
    this.#candidates[ordinal]?.rule(reason);
  }

  get all(): VersionSet {
    return this.count === 0 ? [] : [0, this.count];
  }

  setOfUrl(url: string): VersionSet {
    const index = this.#direct.findIndex((one) => one.url === url);
    return index < 0 ? [] : singleVersion(this.#candidates.length + index);
  }

  setOf(specifiers: Specifiers | undefined): VersionSet {
    if (!specifiers || specifiers.clauses.length === 0) return this.all;
    const text = specifiers.toString();
    let set = this.#sets.get(text);
    if (!set) {
      set = this.#compute(specifiers);
      this.#sets.set(text, set);
    }
    return set;
  }

  #compute(specifiers: Specifiers): VersionSet {
    if (specifiers.clauses.some(({ kind }) => kind === "identical"))
      return versionsWhere(this.count, (ordinal) => contains(specifiers, this.version(ordinal)));
    const flips: number[] = [];
    for (const { from, to } of specifierRanges(specifiers)) {
      const start = this.#firstFrom(from);
      const end = this.#firstFrom(to);
      if (start === end) continue;
      if (flips.at(-1) === start) flips.pop();
      else flips.push(start);
      flips.push(end);
    }
    const direct = versionsWhere(
      this.count,
      (ordinal) => ordinal >= this.#candidates.length && contains(specifiers, this.version(ordinal)),
    );
    return unionOf(flips, direct);
  }

  /** The first ordinal whose key is not before `key`. */
  #firstFrom(key: VersionKey): number {
    let low = 0;
    let high = this.#candidates.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#candidates[middle]!.version.key < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The best of `set` for which there is a file; those before it that have none are handed to `onUnavailable`. */
  best(set: VersionSet, onUnavailable: (ordinal: number, reason: Reason) => void): number | undefined {
    let lastResort: number | undefined;
    let deferred: number | undefined;
    for (let place = 0; place < this.count; place++) {
      const ordinal = this.#wanted(place);
      if (!hasVersion(set, ordinal)) continue;
      const choice = this.choice(ordinal);
      if (choice.kind === "unavailable") onUnavailable(ordinal, choice.reason);
      else if (choice.lastResort) lastResort ??= ordinal;
      else if (choice.deferred) deferred ??= ordinal;
      else return ordinal;
    }
    return deferred ?? lastResort;
  }

  /** Up to `limit` versions of `set` in the order in which they would be tried. */
  *likely(set: VersionSet, limit: number): Generator<number> {
    let found = 0;
    for (let place = 0; place < this.count; place++) {
      if (found >= limit) return;
      const ordinal = this.#wanted(place);
      if (!hasVersion(set, ordinal) || this.choice(ordinal).kind === "unavailable") continue;
      found++;
      yield ordinal;
    }
  }

  /** Those of `set` that have a file, and those of which it is already known that they have none. */
  knownUnavailable(set: VersionSet): VersionSet {
    return intersectionOf(
      set,
      versionsWhere(this.count, (ordinal) => this.choice(ordinal).kind === "unavailable"),
    );
  }

  versionsOf(set: VersionSet): Iterable<number> {
    return versionsIn(set, this.count);
  }

  /** The ordinal at a place of the order. Most projects are gone through no further than their newest versions. */
  #wanted(place: number): number {
    while (this.#order.length <= place) {
      const next = this.#rest.next();
      if (next.done) throw new Error(`No version at place ${place} of ${this.name}`);
      this.#order.push(next.value);
    }
    return this.#order[place]!;
  }

  /** Each ordinal once. */
  *#orderOf({
    preferred,
    lowest,
  }: {
    preferred: Version | undefined;
    lowest: boolean;
  }): Generator<number, void> {
    const isPreferred = this.#preference(preferred);
    const { length } = this.#candidates;
    for (let ordinal = 0; ordinal < this.count; ordinal++) if (isPreferred(ordinal)) yield ordinal;
    const mixed = prereleaseRule(this.#rules.settings, this.name) === "allow";
    for (const prereleases of mixed ? [undefined] : [false, true])
      for (let step = 0; step < length; step++) {
        const ordinal = lowest ? step : length - 1 - step;
        const isTurn = prereleases === undefined || this.#candidates[ordinal]!.isPrerelease === prereleases;
        if (isTurn && !isPreferred(ordinal)) yield ordinal;
      }
    for (let ordinal = length; ordinal < this.count; ordinal++) if (!isPreferred(ordinal)) yield ordinal;
  }

  #preference(preferred: Version | undefined): (ordinal: number) => boolean {
    if (!preferred) return () => false;
    const place = this.#firstFrom(preferred.key);
    return (ordinal) =>
      (ordinal === place || ordinal >= this.#candidates.length) &&
      this.version(ordinal).key === preferred.key;
  }
}
