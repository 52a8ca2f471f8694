/**
 * What the lock files of other tools have in common here.
 *
 * Beside a file that says which packages somebody wants, a lock's versions are constraints: the first `copse lock` then comes to the
 * same ones, and who wants newer ones removes the constraints. A lock that stands alone and does not tell what was wanted is taken
 * as a list of packages with their versions.
 */
import type { Draft } from "../draft.ts";
import type { ProjectFile, ProjectFolder } from "../project-folder.ts";

export interface LockImport {
  readonly draft: Draft;
  readonly folder: ProjectFolder;
  /** Another file says which packages are wanted. */
  readonly hasWishes: boolean;
}

export type LockReader = (file: ProjectFile, wanted: LockImport) => void;

/** A package's version in the lock, without what only its tool understands. */
export interface LockEntry {
  readonly name: string;
  readonly version: string;
  readonly marker?: string | undefined;
  readonly line: number;
}

export function keepVersion(
  { draft }: LockImport,
  file: ProjectFile,
  { name, version, marker, line }: LockEntry,
): void {
  draft.locked.push({ name, version, marker, place: { file: file.shown, line } });
}

/** A lock that somebody has edited, or from another time of its tool, may be without what is looked for. */
export function noteUnknownLock({ draft }: LockImport, file: ProjectFile, what: string): void {
  draft.findings.lose({ file: file.shown }, what);
}
