/**
 * Which of the lock's answers is that of an environment of copse.toml. The lock knows questions, not environments: the
 * requirements that were asked together. Those of an environment are in its question as they are written; a project at
 * hand (`path = …`) stands in it by what it depends on, which is not known before it is read.
 */
import type { PackageEntry } from "./expression/package-entries.ts";

export interface Question {
  readonly requirements: readonly string[];
}

/** The one that has all that the entries ask for, and the least beyond that. */
export function answerOf<Q extends Question>(
  entries: readonly PackageEntry[],
  questions: readonly Q[],
): Q | undefined {
  const wanted = requirementsOf(entries);
  const hasProjects = entries.some(isAtHand);
  const fitting = questions.filter(
    (question) =>
      missingFrom(question, wanted).length === 0 && (hasProjects || surplusOf(question, wanted).length === 0),
  );
  return fitting.sort((a, b) => surplusOf(a, wanted).length - surplusOf(b, wanted).length)[0];
}

export interface Difference {
  /** Entries that the nearest question has not asked for. */
  readonly missing: readonly PackageEntry[];
  /** Requirements that only it asks for. */
  readonly surplus: readonly string[];
}

/** How the question that has most in common with the entries differs from them. */
export function nearestDifference(
  entries: readonly PackageEntry[],
  questions: readonly Question[],
): Difference {
  const wanted = requirementsOf(entries);
  const distance = (question: Question) =>
    missingFrom(question, wanted).length + surplusOf(question, wanted).length;
  const [nearest = { requirements: [] }] = [...questions].sort((a, b) => distance(a) - distance(b));
  const missing = new Set(missingFrom(nearest, wanted));
  return {
    missing: entries.filter((entry) => !isAtHand(entry) && missing.has(squeezed(entry.requirement))),
    surplus: surplusOf(nearest, wanted),
  };
}

/** What a question asks for because of projects at hand. */
export function requirementsAtHand(entries: readonly PackageEntry[], question: Question): string[] {
  return surplusOf(question, requirementsOf(entries));
}

function isAtHand({ path }: PackageEntry): boolean {
  return path !== undefined;
}

function requirementsOf(entries: readonly PackageEntry[]): ReadonlySet<string> {
  return new Set(entries.filter((entry) => !isAtHand(entry)).map(({ requirement }) => squeezed(requirement)));
}

function missingFrom({ requirements }: Question, wanted: ReadonlySet<string>): string[] {
  const asked = new Set(requirements.map(squeezed));
  return [...wanted].filter((text) => !asked.has(text));
}

function surplusOf({ requirements }: Question, wanted: ReadonlySet<string>): string[] {
  return requirements.filter((text) => !wanted.has(squeezed(text)));
}

/** White space does not matter. */
function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}
