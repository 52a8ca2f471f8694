/**
 * The solver: propagate what follows, decide the next package, learn from conflicts, until every package that must
 * be chosen is, or an incompatibility says that the root itself cannot be.
 *
 * The universe may answer at once or with a promise; the solver waits only for promises, so that a solve whose
 * metadata is in memory runs without a single turn of the event loop.
 */
import { ConflictCounts } from "./conflict-counts.ts";
import { type Fact, type Incompatibility, resolveTerms, termOf } from "./incompatibility.ts";
import { IncompatibilityStore } from "./incompatibility-store.ts";
import { type Assignment, PartialSolution } from "./partial-solution.ts";
import { negate, relationOf, type Term } from "./term.ts";
import { singleVersion, type VersionSet } from "./version-set.ts";

export interface Wanted<P> {
  readonly package: P;
  /** The versions that are still possible. */
  readonly versions: VersionSet;
  /** Has met many conflicts: deciding it first saves going through the versions of what conflicts with it. */
  readonly rank: "early" | "usual" | "late";
}

export type Choice<P, N> =
  | { readonly kind: "version"; readonly version: number }
  /** Nothing is chosen yet; these, which hold always, rule out some of the versions. Never empty. */
  | { readonly kind: "facts"; readonly facts: readonly Fact<P, N>[] };

export interface Universe<P, N> {
  /** The package with the lowest number is decided next. Must depend on what it is given alone. */
  priority(wanted: Wanted<P>): number;
  /** The best of `versions`. */
  choose(one: P, versions: VersionSet): Choice<P, N> | Promise<Choice<P, N>>;
  /** What holds of a version that has been chosen: its dependencies, or that it cannot be taken after all. */
  factsOf(one: P, version: number): readonly Fact<P, N>[] | Promise<readonly Fact<P, N>[]>;
}

export type Outcome<P, N> =
  | { readonly kind: "solution"; readonly versions: ReadonlyMap<P, number>; readonly decisions: number }
  | { readonly kind: "conflict"; readonly proof: Incompatibility<P, N>; readonly decisions: number };

/** Solves for `root`, whose only version is ordinal 0. */
export async function solve<P, N>(root: P, universe: Universe<P, N>): Promise<Outcome<P, N>> {
  return new Solver(root, universe).run();
}

class Solver<P, N> {
  readonly #universe: Universe<P, N>;
  readonly #store = new IncompatibilityStore<P, N>();
  readonly #solution = new PartialSolution();
  readonly #counts = new ConflictCounts();
  readonly #root: number;
  /** As last computed, and for what. */
  readonly #priorities: ({ term: Term; rank: Wanted<P>["rank"]; priority: number } | undefined)[] = [];
  #decisions = 0;

  constructor(root: P, universe: Universe<P, N>) {
    this.#universe = universe;
    this.#root = this.#store.numberOf(root);
    const rootMissing: Term = { positive: false, set: singleVersion(0) };
    this.#store.add(new Map([[this.#root, rootMissing]]), { kind: "root" });
  }

  async run(): Promise<Outcome<P, N>> {
    let changed = [this.#root];
    for (;;) {
      const proof = this.#propagate(changed);
      if (proof) return { kind: "conflict", proof, decisions: this.#decisions };
      this.#reconsider();
      const next = this.#next();
      if (next === undefined) return this.#answer();
      const pending = this.#decide(this.#store.packageOf(next), next);
      if (pending instanceof Promise) await pending;
      changed = [next];
    }
  }

  #answer(): Outcome<P, N> {
    const versions = new Map<P, number>();
    for (const { number, version } of this.#solution.decisions())
      versions.set(this.#store.packageOf(number), version);
    return { kind: "solution", versions, decisions: this.#decisions };
  }

  /** The package to decide next; undefined when all are decided. */
  #next(): number | undefined {
    let next: number | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const number of this.#solution.undecided()) {
      const priority = this.#priority(number);
      if (priority >= lowest) continue;
      lowest = priority;
      next = number;
    }
    return next;
  }

  #priority(number: number): number {
    const term = this.#solution.accumulated(number)!;
    const rank = this.#counts.rank(number);
    const known = this.#priorities[number];
    if (known?.term === term && known.rank === rank) return known.priority;
    const priority = this.#universe.priority({
      package: this.#store.packageOf(number),
      versions: term.set,
      rank,
    });
    this.#priorities[number] = { term, rank, priority };
    return priority;
  }

  #decide(one: P, number: number): void | Promise<void> {
    const { set } = this.#solution.accumulated(number)!;
    const choice = this.#universe.choose(one, set);
    if (choice instanceof Promise) return choice.then((settled) => this.#take(one, number, settled));
    return this.#take(one, number, choice);
  }

  #take(one: P, number: number, choice: Choice<P, N>): void | Promise<void> {
    if (choice.kind === "facts") {
      if (choice.facts.length === 0) throw new Error("A universe chose nothing and did not say why");
      for (const fact of choice.facts) this.#store.addFact(fact);
      return;
    }
    this.#decisions++;
    const facts = this.#universe.factsOf(one, choice.version);
    if (facts instanceof Promise)
      return facts.then((settled) => this.#commit(number, choice.version, settled));
    this.#commit(number, choice.version, facts);
  }

  /** Takes the version, unless one of its facts already contradicts what is held true. */
  #commit(number: number, version: number, facts: readonly Fact<P, N>[]): void {
    let impossible = false;
    const taken: Term = { positive: true, set: singleVersion(version) };
    for (const fact of facts) {
      const added = this.#store.addFact(fact);
      const isBroken = added.packages.every((other, index) => {
        const known = other === number ? taken : this.#solution.accumulated(other);
        return relationOf(known, added.terms[index]!) === "satisfied";
      });
      if (isBroken && !impossible) this.#counts.record(number, added.packages, this.#root);
      impossible ||= isBroken;
    }
    if (!impossible) this.#solution.decide(number, version);
  }

  /** Unit propagation from the changed packages on. Returns the proof when there is no solution. */
  #propagate(changed: number[]): Incompatibility<P, N> | undefined {
    const queue = changed;
    while (queue.length > 0) {
      const number = queue.pop()!;
      const list = this.#store.about(number);
      // Newest first: what was learned last is the most likely to conflict.
      for (let index = list.length - 1; index >= 0; index--) {
        const incompatibility = list[index]!;
        const result = this.#propagateOne(incompatibility);
        if (result === "nothing") continue;
        if (result !== "conflict") {
          if (!queue.includes(result)) queue.push(result);
          continue;
        }
        const learned = this.#resolveConflict(incompatibility);
        if (learned.kind === "proof") return learned.proof;
        queue.length = 0;
        const derived = this.#propagateOne(learned.incompatibility);
        if (typeof derived !== "number") throw new Error("A learned incompatibility derived nothing");
        queue.push(derived);
        break;
      }
    }
    return undefined;
  }

  /** The number of the package about which something was derived. */
  #propagateOne(incompatibility: Incompatibility<P, N>): number | "nothing" | "conflict" {
    if (this.#store.isContradicted(incompatibility)) return "nothing";
    let open = -1;
    const { packages, terms } = incompatibility;
    for (let index = 0; index < packages.length; index++) {
      const relation = relationOf(this.#solution.accumulated(packages[index]!), terms[index]!);
      if (relation === "contradicted") {
        this.#store.setContradicted(incompatibility, this.#solution.level);
        return "nothing";
      }
      if (relation === "satisfied") continue;
      if (open >= 0) return "nothing";
      open = index;
    }
    if (open < 0) return "conflict";
    this.#solution.derive(packages[open]!, terms[open]!, incompatibility.id);
    this.#store.setContradicted(incompatibility, this.#solution.level);
    return packages[open]!;
  }

  #resolveConflict(
    conflict: Incompatibility<P, N>,
  ):
    | { kind: "learned"; incompatibility: Incompatibility<P, N> }
    | { kind: "proof"; proof: Incompatibility<P, N> } {
    let current = conflict;
    for (;;) {
      if (this.#isFinal(current)) return { kind: "proof", proof: current };
      const { number, satisfier, otherLevel } = this.#lastSatisfier(current);
      if (satisfier.cause === undefined || otherLevel < satisfier.level) {
        this.#backtrack(otherLevel);
        if (current !== conflict) this.#store.activate(current);
        this.#counts.record(number, current.packages, this.#root);
        return { kind: "learned", incompatibility: current };
      }
      const cause = this.#store.byId(satisfier.cause);
      const terms = resolveTerms([current, cause], number);
      current = this.#store.make(terms, { kind: "derived", left: current, right: cause });
    }
  }

  /** It says that the root cannot be chosen, or that nothing can be. */
  #isFinal(incompatibility: Incompatibility<P, N>): boolean {
    const { packages, terms } = incompatibility;
    if (packages.length === 0) return true;
    return packages.length === 1 && packages[0] === this.#root && terms[0]!.positive;
  }

  /**
   * The assignment that completed the conflict, and the level at which all the rest of it already held: going
   * back there makes the incompatibility derive something new.
   */
  #lastSatisfier(incompatibility: Incompatibility<P, N>): {
    number: number;
    satisfier: Assignment;
    otherLevel: number;
  } {
    const { packages, terms } = incompatibility;
    let last = 0;
    const satisfiers = packages.map((number, index) => this.#solution.satisfier(number, terms[index]!));
    satisfiers.forEach((one, index) => {
      if (one.at > satisfiers[last]!.at) last = index;
    });
    const satisfier = satisfiers[last]!;
    let otherLevel = this.#levelBefore(packages[last]!, satisfier, terms[last]!);
    satisfiers.forEach((one, index) => {
      if (index !== last) otherLevel = Math.max(otherLevel, one.level);
    });
    // What holds at level 1 follows from the root alone, and cannot be gone behind.
    return { number: packages[last]!, satisfier, otherLevel: Math.max(otherLevel, 1) };
  }

  /**
   * A derivation may satisfy a term only together with what was known of the package before. The level at which
   * enough of that was known; 0 where the derivation suffices by itself.
   */
  #levelBefore(number: number, satisfier: Assignment, term: Term): number {
    if (satisfier.cause === undefined) return 0;
    const derived = negate(termOf(this.#store.byId(satisfier.cause), number));
    if (relationOf(derived, term) === "satisfied") return 0;
    return this.#solution.levelWith(number, derived, term, satisfier);
  }

  #backtrack(level: number): void {
    this.#solution.backtrack(level);
    this.#store.forgetContradictions(level);
  }

  /** Packages whose rank has changed: goes back to before the earliest of them, to decide in the new order. */
  #reconsider(): void {
    let level = this.#solution.level;
    for (const number of this.#counts.takeChanged()) {
      const decided = this.#solution.decisionLevel(number);
      if (decided !== undefined) level = Math.min(level, decided - 1);
    }
    if (level < this.#solution.level) this.#backtrack(Math.max(level, 1));
  }
}
