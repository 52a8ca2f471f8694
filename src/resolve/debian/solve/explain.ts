/**
 * Why no choice of packages satisfies a request, as lines that a person can follow: from a requested package
 * along its dependencies to the one that nothing satisfies, or to the two packages that exclude each other.
 */
import type { Cause, CauseClause } from "./solve.ts";
import { type Candidate, formatRelation, type PackageUniverse } from "./universe.ts";

export interface ConflictState {
  readonly broken: CauseClause;
  readonly universe: PackageUniverse;
  readonly reason: (candidate: Candidate) => CauseClause | undefined;
  readonly candidate: (variable: number) => Candidate;
}

const MAX_LINES = 16;

export function explainConflict(state: ConflictState): string[] {
  const lines: string[] = [];
  describe(state, state.broken, { lines, seen: new Set() });
  return [...new Set(lines)].slice(0, MAX_LINES);
}

interface Account {
  readonly lines: string[];
  readonly seen: Set<CauseClause | Candidate>;
}

function describe(state: ConflictState, clause: CauseClause, account: Account): void {
  if (account.seen.has(clause) || account.lines.length > MAX_LINES) return;
  account.seen.add(clause);
  const { origin } = clause;
  if (!origin) {
    for (const antecedent of clause.antecedents) describe(state, antecedent, account);
    return;
  }
  switch (origin.kind) {
    case "request":
      account.lines.push(`\`${origin.name}\` is requested`);
      break;
    case "dependency":
      needed(state, origin.from, account);
      account.lines.push(dependencyLine(state.universe, origin));
      break;
    case "conflict":
      needed(state, origin.from, account);
      needed(state, origin.with, account);
      account.lines.push(
        `\`${origin.from.name}\` excludes \`${origin.relation}\`, which is \`${origin.with.name}\` ${origin.with.version}`,
      );
      break;
    case "one-version":
      account.lines.push(`only one version of \`${origin.name}\` can be there`);
      break;
  }
  // Why the alternatives are out.
  for (const literal of clause.literals) {
    if (literal < 0) continue;
    const reason = state.reason(state.candidate(literal));
    if (reason) describe(state, reason, account);
  }
}

/** The way from a request to a package that had to be there. */
function needed(state: ConflictState, candidate: Candidate, account: Account): void {
  if (account.seen.has(candidate)) return;
  account.seen.add(candidate);
  const reason = state.reason(candidate);
  const cause = reason?.origin;
  if (!reason) return;
  if (!cause) describe(state, reason, account);
  if (cause?.kind !== "dependency") return;
  needed(state, cause.from, account);
  account.lines.push(dependencyLine(state.universe, cause));
}

function dependencyLine(universe: PackageUniverse, cause: Extract<Cause, { kind: "dependency" }>): string {
  const { relations } = cause.dependency;
  const line = `\`${cause.from.name}\` depends on \`${relations.map(formatRelation).join(" | ")}\``;
  const [only] = relations;
  if (relations.length !== 1 || !only || universe.satisfying(only).length > 0) return line;
  const versions = universe.candidates(only.name).map((one) => one.version);
  const behind = universe.passedOver(only.name).map(({ version, priority }) => `${version} (${priority})`);
  if (behind.length > 0)
    return `${line}, but by priority it is ${versions.join(", ") || "none"}, before ${behind.slice(0, 4).join(", ")}`;
  return versions.length > 0
    ? `${line}, but there is only ${versions.join(", ")}`
    : `${line}, which no package provides`;
}
