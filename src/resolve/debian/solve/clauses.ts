/**
 * A small satisfiability solver with learning, for choices that are made in a given order of preference.
 *
 * Variables are numbers from 1 on; a literal is a variable or, for "not", its negative. A clause holds when
 * one of its literals does. What a clause leaves no choice about is derived at once; otherwise the caller
 * decides. When the derived contradict each other, the choices that led there are worked out, remembered as
 * a new clause, and the last of them is taken back (1-UIP learning, as in any modern solver). Clauses may be
 * added while solving: what a package depends on is looked up once it is chosen.
 *
 * The first solution that the order of preference leads to is kept wherever it holds: nothing is taken back
 * without a contradiction. Deterministic: there are no scores and no restarts.
 */

export interface Clause<Origin> {
  readonly literals: readonly number[];
  /** Undefined for what was learned. */
  readonly origin: Origin | undefined;
  /** What a learned clause was derived from. */
  readonly antecedents: readonly Clause<Origin>[];
}

export interface ClauseDelegate<Origin> {
  /** Clauses that begin to matter when a variable becomes true, asked for once per variable. */
  clausesOf(variable: number): Iterable<{ literals: readonly number[]; origin: Origin }>;
  /** The next literal to make true, or undefined when nothing is left to be chosen. */
  decide(): number | undefined;
}

/** More contradictions than this and no answer is given; real requests have met fewer than 20. */
const MAX_CONFLICTS = 20_000;

export class ClauseSolver<Origin> {
  readonly #delegate: ClauseDelegate<Origin>;
  /** By variable: 1 true, -1 false, 0 open. */
  readonly #values: number[] = [0];
  readonly #levels: number[] = [0];
  readonly #reasons: (Clause<Origin> | undefined)[] = [undefined];
  readonly #occurrences = new Map<number, Clause<Origin>[]>();
  readonly #expanded = new Set<number>();
  readonly #trail: number[] = [];
  /** Where in the trail each level begins. */
  readonly #levelStarts: number[] = [];
  #propagated = 0;

  constructor(delegate: ClauseDelegate<Origin>) {
    this.#delegate = delegate;
  }

  newVariable(): number {
    this.#levels.push(0);
    this.#reasons.push(undefined);
    return this.#values.push(0) - 1;
  }

  isTrue(literal: number): boolean {
    return this.#value(literal) > 0;
  }

  isFalse(literal: number): boolean {
    return this.#value(literal) < 0;
  }

  /** The clause that forced a variable's value; undefined where it was decided or is open. */
  reason(variable: number): Clause<Origin> | undefined {
    return this.#reasons[variable];
  }

  /** Undefined when solved; otherwise the clause that cannot be made to hold. */
  solve(clauses: Iterable<{ literals: readonly number[]; origin: Origin }>): Clause<Origin> | undefined {
    for (const { literals, origin } of clauses) {
      const conflict = this.#add({ literals, origin, antecedents: [] });
      if (conflict) return conflict;
    }
    for (let conflicts = 0; ; ) {
      let conflict = this.#propagate();
      while (conflict) {
        if (this.#levelStarts.length === 0 || ++conflicts > MAX_CONFLICTS) return conflict;
        conflict = this.#learnFrom(conflict);
      }
      if (this.#propagated < this.#trail.length) continue;
      const decision = this.#delegate.decide();
      if (decision === undefined) return undefined;
      this.#levelStarts.push(this.#trail.length);
      this.#assign(decision, undefined);
    }
  }

  #value(literal: number): number {
    const value = this.#values[Math.abs(literal)] as number;
    return literal > 0 ? value : -value;
  }

  #assign(literal: number, reason: Clause<Origin> | undefined): void {
    const variable = Math.abs(literal);
    this.#values[variable] = literal > 0 ? 1 : -1;
    this.#levels[variable] = this.#levelStarts.length;
    this.#reasons[variable] = reason;
    this.#trail.push(literal);
  }

  #add(clause: Clause<Origin>): Clause<Origin> | undefined {
    for (const literal of clause.literals) {
      const list = this.#occurrences.get(literal);
      if (list) list.push(clause);
      else this.#occurrences.set(literal, [clause]);
    }
    return this.#examine(clause);
  }

  /** Derives what a clause leaves open; returns it where it is broken. */
  #examine(clause: Clause<Origin>): Clause<Origin> | undefined {
    let open = 0;
    for (const literal of clause.literals) {
      const value = this.#value(literal);
      if (value > 0) return undefined;
      if (value === 0) {
        if (open !== 0) return undefined;
        open = literal;
      }
    }
    if (open === 0) return clause;
    this.#assign(open, clause);
    return undefined;
  }

  #propagate(): Clause<Origin> | undefined {
    while (this.#propagated < this.#trail.length) {
      const literal = this.#trail[this.#propagated++] as number;
      for (const clause of this.#occurrences.get(-literal) ?? []) {
        const conflict = this.#examine(clause);
        if (conflict) return conflict;
      }
      if (literal < 0 || this.#expanded.has(literal)) continue;
      this.#expanded.add(literal);
      let conflict: Clause<Origin> | undefined;
      // All are added even where one is broken at once: they are asked for only this time.
      for (const { literals, origin } of this.#delegate.clausesOf(literal))
        conflict = this.#add({ literals, origin, antecedents: [] }) ?? conflict;
      if (conflict) return conflict;
    }
    return undefined;
  }

  /**
   * Resolves a broken clause with the reasons of its literals until one literal of the current level is left,
   * goes back to where that clause leaves no choice, and adds it.
   */
  #learnFrom(conflict: Clause<Origin>): Clause<Origin> | undefined {
    const level = Math.max(...conflict.literals.map((literal) => this.#levels[Math.abs(literal)] as number));
    // A clause that was added late may be broken by earlier levels alone.
    this.#backtrack(level);
    if (level === 0) return conflict;
    const antecedents = [conflict];
    const learned = new Set(conflict.literals);
    for (let i = this.#trail.length - 1; this.#countAt(learned, level) > 1; i--) {
      const literal = this.#trail[i] as number;
      const reason = this.#reasons[Math.abs(literal)];
      if (!learned.has(-literal) || !reason) continue;
      learned.delete(-literal);
      for (const other of reason.literals) if (other !== literal) learned.add(other);
      antecedents.push(reason);
    }
    const literals = [...learned];
    const lower = literals.map((one) => this.#levels[Math.abs(one)] as number).filter((one) => one < level);
    this.#backtrack(Math.max(0, ...lower));
    return this.#add({ literals, origin: undefined, antecedents });
  }

  #countAt(literals: ReadonlySet<number>, level: number): number {
    let count = 0;
    for (const literal of literals) if (this.#levels[Math.abs(literal)] === level) count++;
    return count;
  }

  #backtrack(level: number): void {
    const start = this.#levelStarts[level];
    if (start === undefined) return;
    for (const literal of this.#trail.splice(start)) {
      this.#values[Math.abs(literal)] = 0;
      this.#reasons[Math.abs(literal)] = undefined;
    }
    this.#levelStarts.length = level;
    this.#propagated = Math.min(this.#propagated, start);
  }
}
