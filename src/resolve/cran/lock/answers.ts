/** Answers to requests for R packages, as an open lock has them: looked up, recorded beside each other, pruned. */
import type { RVersion } from "#format/r";
import { type LockedR, type LockedRPackage, type LockedRRequest, rReferenceIn } from "./lock-schema.ts";

export interface RLockRequest {
  /** The section's key. */
  readonly section: string;
  /** As DESCRIPTION writes them, sorted, each once. */
  readonly demands: readonly string[];
  /** Likewise; absent where there are none. */
  readonly constraints?: readonly string[] | undefined;
  /** Names whose suggestions are asked for; absent where there are none. */
  readonly suggests?: readonly string[] | undefined;
}

export interface RLockAnswer {
  readonly version: RVersion;
  readonly packages: readonly LockedRPackage[];
}

export class RAnswers {
  readonly #sections = new Map<string, LockedR>();
  readonly #asked = new Set<string>();

  get data(): ReadonlyMap<string, LockedR> {
    return this.#sections;
  }

  reset(sections: ReadonlyMap<string, LockedR>): void {
    this.#sections.clear();
    for (const [key, one] of sections) this.#sections.set(key, one);
  }

  section(key: string): LockedR | undefined {
    return this.#sections.get(key);
  }

  answer(request: RLockRequest): RLockAnswer | undefined {
    this.#asked.add(requestKey(request));
    const section = this.#sections.get(request.section);
    const found = section?.requests.find((one) => questionKey(one) === questionKey(request));
    return section && found && { version: section.version, packages: found.answer };
  }

  /** Adds an answer beside the others. Those of another R go: nothing that was built for it serves this one. */
  record(request: RLockRequest, { version, packages }: RLockAnswer): void {
    const before = this.#sections.get(request.section);
    const kept = before?.version === version ? before.requests : [];
    const { section, ...asked } = request;
    const others = kept.filter((one) => questionKey(one) !== questionKey(asked));
    this.#set(section, version, [...others, { ...asked, answer: packages }]);
  }

  /** Drops what was not asked for since the lock was opened, of the sections that are meant. */
  prune(isMeant: (section: string) => boolean = () => true): void {
    for (const [section, { version, requests }] of [...this.#sections]) {
      if (!isMeant(section)) continue;
      const kept = requests.filter((one) => this.#asked.has(requestKey({ ...one, section })));
      if (kept.length === 0) this.#sections.delete(section);
      else this.#set(section, version, kept);
    }
  }

  #set(section: string, version: RVersion, requests: readonly LockedRRequest[]): void {
    const packages = new Map<string, LockedRPackage>();
    for (const one of requests.flatMap(({ answer }) => answer))
      packages.set(one.kind === "debian" ? one.debian : `${one.name}=${one.version}`, one);
    // Of a Debian package the section has one entry: the newest answer's.
    const all = [...packages.values()];
    const word = rReferenceIn(all);
    const byReference = new Map(all.map((one) => [word(one), one]));
    const current = requests.map(({ answer, ...asked }) => ({
      ...asked,
      answer: answer.map((one) => byReference.get(word(one)) ?? one),
    }));
    this.#sections.set(section, { version, packages: all, requests: current });
  }
}

/** Tells apart what is asked of a section. */
export function questionKey({
  demands,
  constraints = [],
  suggests = [],
}: Omit<RLockRequest, "section">): string {
  return [demands, constraints, suggests].map((texts) => texts.join(",")).join(";");
}

function requestKey(request: RLockRequest): string {
  return `${request.section}\n${questionKey(request)}`;
}
