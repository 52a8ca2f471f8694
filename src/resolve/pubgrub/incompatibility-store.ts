/**
 * All incompatibilities, and for each package those that speak of it. Packages are numbered here.
 *
 * Dependencies of many versions on the same versions of one package are kept as a single incompatibility, which
 * grows: a conflict with one of them then rules out all of them at once.
 */
import { type Cause, type Fact, type Incompatibility, termsOfFact } from "./incompatibility.ts";
import type { Term } from "./term.ts";
import { isSubsetOf, unionOf } from "./version-set.ts";

interface Grown<P, N> {
  incompatibility: Incompatibility<P, N>;
  readonly facts: Fact<P, N>[];
}

export class IncompatibilityStore<P, N> {
  readonly #packages: P[] = [];
  readonly #numbers = new Map<P, number>();
  readonly #all: Incompatibility<P, N>[] = [];
  readonly #about: Incompatibility<P, N>[][] = [];
  readonly #grown = new Map<string, Grown<P, N>>();
  readonly #added = new Map<Fact<P, N>, Grown<P, N>>();
  readonly #contradicted: boolean[] = [];
  /** By decision level, the incompatibilities found contradicted there. */
  readonly #contradictedAt: number[][] = [];

  numberOf(one: P): number {
    let number = this.#numbers.get(one);
    if (number === undefined) {
      number = this.#packages.length;
      this.#packages.push(one);
      this.#numbers.set(one, number);
      this.#about.push([]);
    }
    return number;
  }

  packageOf(number: number): P {
    return this.#packages[number]!;
  }

  byId(id: number): Incompatibility<P, N> {
    return this.#all[id]!;
  }

  about(number: number): readonly Incompatibility<P, N>[] {
    return this.#about[number]!;
  }

  /** Makes one that is not yet propagated: `activate` does that. */
  make(terms: ReadonlyMap<number, Term>, cause: Cause<P, N>): Incompatibility<P, N> {
    const made = { id: this.#all.length, packages: [...terms.keys()], terms: [...terms.values()], cause };
    this.#all.push(made);
    return made;
  }

  activate(incompatibility: Incompatibility<P, N>): void {
    for (const number of incompatibility.packages) this.#about[number]!.push(incompatibility);
  }

  add(terms: ReadonlyMap<number, Term>, cause: Cause<P, N>): Incompatibility<P, N> {
    const made = this.make(terms, cause);
    this.activate(made);
    return made;
  }

  /** A fact that has been added before, the same object, is found again at once. */
  addFact(fact: Fact<P, N>): Incompatibility<P, N> {
    let grown = this.#added.get(fact);
    if (!grown) {
      grown = this.#grow(fact);
      this.#added.set(fact, grown);
    }
    return grown.incompatibility;
  }

  #grow(fact: Fact<P, N>): Grown<P, N> {
    const terms = termsOfFact(fact, (one) => this.numberOf(one));
    const owner = this.numberOf(fact.package);
    if (fact.kind !== "dependency" || terms.size !== 2) {
      const facts = [fact];
      return { incompatibility: this.add(terms, { kind: "fact", facts }), facts };
    }
    const needed = this.numberOf(fact.needs);
    const key = `${owner} ${needed} ${fact.allowed.join()}`;
    const before = this.#grown.get(key);
    if (!before) {
      const facts = [fact];
      const made = { incompatibility: this.add(terms, { kind: "fact", facts }), facts };
      this.#grown.set(key, made);
      return made;
    }
    if (isSubsetOf(fact.versions, before.incompatibility.terms[0]!.set)) return before;
    // Incompatibilities made earlier share the list: what was added to it since is as true.
    before.facts.push(fact);
    const set = unionOf(before.incompatibility.terms[0]!.set, fact.versions);
    const wider = new Map([...terms, [owner, { positive: true, set }]]);
    const made = this.make(wider, { kind: "fact", facts: before.facts });
    for (const number of made.packages) {
      const list = this.#about[number]!;
      list[list.indexOf(before.incompatibility)] = made;
    }
    before.incompatibility = made;
    return before;
  }

  isContradicted({ id }: Incompatibility<P, N>): boolean {
    return this.#contradicted[id] === true;
  }

  /** It is contradicted by what holds at `level`: nothing follows from it before a backtrack below that. */
  setContradicted({ id }: Incompatibility<P, N>, level: number): void {
    this.#contradicted[id] = true;
    this.#contradictedAt[level] ??= [];
    this.#contradictedAt[level].push(id);
  }

  forgetContradictions(level: number): void {
    for (let above = level + 1; above < this.#contradictedAt.length; above++)
      for (const id of this.#contradictedAt[above] ?? []) this.#contradicted[id] = false;
    this.#contradictedAt.length = Math.min(this.#contradictedAt.length, level + 1);
  }
}
