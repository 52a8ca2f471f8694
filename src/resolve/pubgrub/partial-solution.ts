/**
 * What the solver holds true at the moment: decisions (a package in one version) and what was derived from them, in
 * order. Each package keeps its own history with the accumulated term after every step, so that both the present
 * term and the step at which a term first followed are found without going over the rest.
 */
import { conjunction, negate, relationOf, type Term } from "./term.ts";
import { singleVersion } from "./version-set.ts";

export interface Assignment {
  /** The incompatibility that this was derived from; undefined for a decision. */
  readonly cause: number | undefined;
  readonly level: number;
  /** Place in the order of all assignments. */
  readonly at: number;
  /** What holds of the package from here on. */
  readonly accumulated: Term;
}

export class PartialSolution {
  readonly #histories: Assignment[][] = [];
  /** The last of each history: what is asked for most. */
  readonly #current: (Term | undefined)[] = [];
  readonly #decided: (number | undefined)[] = [];
  /** Packages with assignments, in order of their first one: what a backtrack has to look at. */
  #touched: number[] = [];
  readonly #undecided = new Set<number>();
  #level = 0;
  #next = 0;

  get level(): number {
    return this.#level;
  }

  accumulated(number: number): Term | undefined {
    return this.#current[number];
  }

  decision(number: number): number | undefined {
    return this.#decided[number];
  }

  decide(number: number, version: number): void {
    this.#level++;
    this.#decided[number] = version;
    this.#assign(number, undefined, { positive: true, set: singleVersion(version) });
  }

  /** Derives that `term` does not hold, since the rest of incompatibility `cause` does. */
  derive(number: number, term: Term, cause: number): void {
    const before = this.accumulated(number);
    const derived = negate(term);
    this.#assign(number, cause, before ? conjunction(before, derived) : derived);
  }

  #assign(number: number, cause: number | undefined, accumulated: Term): void {
    let history = this.#histories[number];
    if (!history) {
      history = [];
      this.#histories[number] = history;
    }
    if (history.length === 0) this.#touched.push(number);
    history.push({ cause, level: this.#level, at: this.#next++, accumulated });
    this.#current[number] = accumulated;
    this.#note(number);
  }

  #note(number: number): void {
    if (this.#decided[number] === undefined && this.accumulated(number)?.positive)
      this.#undecided.add(number);
    else this.#undecided.delete(number);
  }

  /** The first assignment after which `term` holds. It must hold now. */
  satisfier(number: number, term: Term): Assignment {
    const history = this.#histories[number] ?? [];
    let low = 0;
    let high = history.length - 1;
    // Once a term holds it goes on to hold: knowledge about a package only grows.
    while (low < high) {
      const middle = (low + high) >> 1;
      if (relationOf(history[middle]!.accumulated, term) === "satisfied") high = middle;
      else low = middle + 1;
    }
    return history[low]!;
  }

  /** The level at which `known`, together with what had been found of the package, first made `term` hold. */
  levelWith(number: number, known: Term, term: Term, until: Assignment): number {
    for (const { accumulated, level, at } of this.#histories[number]!) {
      if (at >= until.at) break;
      if (relationOf(conjunction(accumulated, known), term) === "satisfied") return level;
    }
    return until.level;
  }

  /** The level at which a package was decided; undefined while it is not. */
  decisionLevel(number: number): number | undefined {
    if (this.#decided[number] === undefined) return undefined;
    return this.#histories[number]?.find((one) => one.cause === undefined)?.level;
  }

  backtrack(level: number): void {
    const remaining: number[] = [];
    for (const number of this.#touched) {
      const history = this.#histories[number]!;
      if (history.length > 0 && history.at(-1)!.level > level) {
        while (history.length > 0 && history.at(-1)!.level > level)
          if (history.pop()!.cause === undefined) this.#decided[number] = undefined;
        this.#current[number] = history.at(-1)?.accumulated;
        this.#note(number);
      }
      if (history.length > 0) remaining.push(number);
    }
    this.#touched = remaining;
    this.#level = level;
  }

  /** Packages that must be chosen and are not yet. */
  undecided(): Iterable<number> {
    return this.#undecided;
  }

  *decisions(): Generator<{ readonly number: number; readonly version: number }> {
    for (const number of this.#touched) {
      const version = this.#decided[number];
      if (version !== undefined) yield { number, version };
    }
  }
}
