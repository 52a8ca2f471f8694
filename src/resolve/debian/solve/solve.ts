/**
 * Which packages an environment consists of: the requested ones and what they depend on.
 *
 * A choice is made where a dependency has alternatives. They are looked at in the order in which apt meets
 * them, depth first from the requested names, and the first alternative that can hold is taken, unless one is
 * already there for another reason. Where a choice turns out to contradict Conflicts or Breaks, it is taken
 * back (`clauses.ts`). Recommends and Suggests are not followed; Essential packages come in when asked for.
 */
import { CopseError, nearestNames } from "#base";
import { type Clause, ClauseSolver } from "./clauses.ts";
import { explainConflict } from "./explain.ts";
import { byPreference } from "./preferences.ts";
import {
  type Candidate,
  conflictsOf,
  type Dependency,
  dependenciesOf,
  formatRelation,
  type PackageUniverse,
} from "./universe.ts";

export interface SolveRequest {
  readonly universe: PackageUniverse;
  /** Names of packages. */
  readonly names: readonly string[];
  /** For messages: `bookworm`. */
  readonly suite: string;
}

/** Why a clause must hold. */
export type Cause =
  | { readonly kind: "request"; readonly name: string }
  | { readonly kind: "dependency"; readonly from: Candidate; readonly dependency: Dependency }
  | {
      readonly kind: "conflict";
      readonly from: Candidate;
      readonly with: Candidate;
      readonly relation: string;
    }
  | { readonly kind: "one-version"; readonly name: string };

export type CauseClause = Clause<Cause>;

/** A dependency, as a clause and as the candidates for it in order. */
interface Choice {
  readonly dependency: Dependency | undefined;
  readonly candidates: readonly Candidate[];
}

/**
 * The chosen packages, each after what it depends on; the order is a function of the set of names. Throws
 * `debian-package-unknown`, `debian-unsatisfiable`.
 */
export function solveDebian(request: SolveRequest): Candidate[] {
  return new Resolution(request).run();
}

class Resolution {
  readonly #request: SolveRequest;
  readonly #solver: ClauseSolver<Cause>;
  readonly #variables = new Map<Candidate, number>();
  readonly #candidates: (Candidate | undefined)[] = [undefined];
  readonly #choices = new Map<Candidate, readonly Choice[]>();
  readonly #roots: Choice[] = [];

  constructor(request: SolveRequest) {
    this.#request = request;
    this.#solver = new ClauseSolver<Cause>({
      clausesOf: (variable) => this.#clausesOf(this.#candidate(variable)),
      decide: () => this.#decide(),
    });
  }

  run(): Candidate[] {
    const names = [...new Set(this.#request.names)].sort();
    const clauses = names.map((name) => {
      const candidates = this.#requested(name);
      this.#roots.push({ dependency: undefined, candidates });
      return {
        literals: candidates.map((one) => this.#variable(one)),
        origin: { kind: "request", name } as const,
      };
    });
    const broken = this.#solver.solve(clauses);
    if (broken) throw this.#unsatisfiable(broken, names);
    return this.#inOrder();
  }

  #requested(name: string): readonly Candidate[] {
    const { universe, suite } = this.#request;
    const candidates = universe.candidates(name);
    if (candidates.length > 0) return candidates;
    const pinned = universe.passedOver(name).map(({ version, priority }) => `${version} (${priority})`);
    if (pinned.length > 0)
      throw new CopseError("debian-package-pinned", `Pins keep away every version of \`${name}\``, {
        hint: `versions and their priorities: ${pinned.slice(0, 6).join(", ")}; only a priority above 0 lets a version in`,
      });
    const providers = [...new Set(universe.providers(name).map((one) => one.name))].slice(0, 8);
    throw unknownPackage({ name, suite, providers, names: () => universe.names() });
  }

  #variable(candidate: Candidate): number {
    let variable = this.#variables.get(candidate);
    if (variable === undefined) {
      variable = this.#solver.newVariable();
      this.#variables.set(candidate, variable);
      this.#candidates[variable] = candidate;
    }
    return variable;
  }

  #candidate(variable: number): Candidate {
    return this.#candidates[variable] as Candidate;
  }

  *#clausesOf(candidate: Candidate): Generator<{ literals: readonly number[]; origin: Cause }> {
    const { universe } = this.#request;
    const not = -this.#variable(candidate);
    for (const { dependency, candidates } of this.#choicesOf(candidate)) {
      const origin: Cause = { kind: "dependency", from: candidate, dependency: dependency as Dependency };
      yield { literals: [not, ...candidates.map((one) => this.#variable(one))], origin };
    }
    for (const relation of conflictsOf(candidate)) {
      const origin = (other: Candidate): Cause => ({
        kind: "conflict",
        from: candidate,
        with: other,
        relation: formatRelation(relation),
      });
      for (const other of new Set(universe.satisfying(relation)))
        if (other.name !== candidate.name)
          yield { literals: [not, -this.#variable(other)], origin: origin(other) };
    }
    for (const other of universe.candidates(candidate.name))
      if (other !== candidate)
        yield {
          literals: [not, -this.#variable(other)],
          origin: { kind: "one-version", name: candidate.name },
        };
  }

  #choicesOf(candidate: Candidate): readonly Choice[] {
    let choices = this.#choices.get(candidate);
    if (!choices) {
      choices = dependenciesOf(candidate).map((dependency) => {
        const found = dependency.relations.flatMap((relation) => this.#request.universe.satisfying(relation));
        return { dependency, candidates: byPreference([...new Set(found)]) };
      });
      this.#choices.set(candidate, choices);
    }
    return choices;
  }

  /** The first candidate of the first dependency, depth first, that nothing satisfies yet. */
  #decide(): number | undefined {
    const visited = new Set<Candidate>();
    const visit = ({ candidates }: Choice): number | undefined => {
      const chosen = candidates.find((one) => this.#solver.isTrue(this.#variable(one)));
      if (!chosen) {
        const open = candidates.find((one) => !this.#solver.isFalse(this.#variable(one)));
        return open && this.#variable(open);
      }
      if (visited.has(chosen)) return undefined;
      visited.add(chosen);
      return firstOf(this.#choicesOf(chosen), visit);
    };
    return firstOf(this.#roots, visit);
  }

  /** Dependencies first, Pre-Depends before Depends; a circle is cut where the walk comes back to it. */
  #inOrder(): Candidate[] {
    const visited = new Set<Candidate>();
    const order: Candidate[] = [];
    const visit = ({ candidates }: Choice): void => {
      const chosen = candidates.find((one) => this.#solver.isTrue(this.#variable(one)));
      if (!chosen || visited.has(chosen)) return;
      visited.add(chosen);
      this.#choicesOf(chosen).forEach(visit);
      order.push(chosen);
    };
    this.#roots.forEach(visit);
    return order;
  }

  #unsatisfiable(broken: CauseClause, names: readonly string[]): CopseError {
    const lines = explainConflict({
      broken,
      universe: this.#request.universe,
      reason: (candidate) => this.#solver.reason(this.#variable(candidate)),
      candidate: (variable) => this.#candidate(variable),
    });
    // Of a long request, those that stand in each other's way.
    const named = names.filter((name) => lines.some((line) => line.includes(`\`${name}\``)));
    const first = named.length > 0 ? named.slice(0, 8) : names.slice(0, 8);
    const shown = names.length > 8 ? `${first.join(" ")} …` : names.join(" ");
    return new CopseError(
      "debian-unsatisfiable",
      `No choice of packages of ${this.#request.suite} satisfies \`${shown}\``,
      {
        trace: lines.map((message) => ({ message })),
        hint: "leave out what cannot be had together, or take it from another suite: programs of several suites can stand side by side in mkShell",
      },
    );
  }
}

function firstOf<T>(choices: readonly Choice[], visit: (choice: Choice) => T | undefined): T | undefined {
  for (const choice of choices) {
    const result = visit(choice);
    if (result !== undefined) return result;
  }
  return undefined;
}

export interface UnknownPackage {
  readonly name: string;
  readonly suite: string;
  readonly providers: readonly string[];
  readonly names: () => readonly string[];
}

export function unknownPackage({ name, suite, providers, names }: UnknownPackage): CopseError {
  if (providers.length > 0)
    return new CopseError(
      "debian-package-unknown",
      `Only a virtual package has this name in ${suite}: \`${name}\``,
      {
        hint: `packages that provide it: ${providers.join(", ")}`,
      },
    );
  const nearest = nearestNames(name, names());
  return new CopseError("debian-package-unknown", `No package of ${suite} has the name \`${name}\``, {
    hint: nearest.length > 0 ? `did you mean ${nearest.join(", ")}?` : undefined,
  });
}
