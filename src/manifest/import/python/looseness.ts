/** Whether a requirement names one version, and what to tell of those that do not. */
import { isCopseError } from "#base";
import { parseSpecifiers, type Specifiers } from "#format/python";
import type { Draft, DraftPackage } from "../draft.ts";
import { type Place, someOf } from "../findings.ts";

/** The version, if one alone will do. */
export function exactVersion({ version }: Pick<DraftPackage, "version">): string | undefined {
  const clauses = clausesOf(version);
  const [only] = clauses;
  if (clauses.length !== 1 || !only) return undefined;
  if (only.kind === "identical") return only.text;
  return only.operator === "==" && !only.wildcard ? only.version.text : undefined;
}

/** What is no version is told when the draft is finished. */
function clausesOf(version: string): Specifiers["clauses"] {
  try {
    return parseSpecifiers(version).clauses;
  } catch (error) {
    if (!isCopseError(error, "python-specifier-invalid")) throw error;
    return [];
  }
}

export interface LoosePackage {
  readonly name: string;
  readonly place: Place;
}

/** One finding for all of a file. It is taken back for those that a lock file names. */
export function noteLooseness(draft: Draft, packages: readonly LoosePackage[]): void {
  for (const { name, place } of packages) {
    const known = draft.loose.get(place.file) ?? [];
    known.push({ name, place });
    draft.loose.set(place.file, known);
  }
}

/** Called when all files are read. */
export function reportLooseness(draft: Draft, isLocked: (name: string) => boolean): void {
  for (const packages of draft.loose.values()) {
    const loose = packages.filter(({ name }) => !isLocked(name));
    const [first] = loose;
    if (!first) continue;
    const names = someOf([...new Set(loose.map(({ name }) => name))]);
    draft.findings.mayChange(first.place, `no exact version: ${names}`);
  }
}
