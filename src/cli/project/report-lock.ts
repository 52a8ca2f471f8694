/** What a command says of the lock that it has made: what is in it, and what has changed. */
import type { LockSummary } from "#build";
import type { Lock } from "#resolve";
import type { CommandLine } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { type LockChange, type LockedSection, lockChanges, lockedSections } from "./lock-changes.ts";

export interface LockReport {
  readonly summary: LockSummary;
  readonly sections: readonly LockedSection[];
  readonly changes: readonly LockChange[];
}

export interface DescribedLock extends LockReport {
  readonly lock: Lock;
}

export interface LockStates {
  readonly summary: LockSummary;
  readonly before: string;
  readonly after: string;
}

export async function describeLock({ summary, before, after }: LockStates): Promise<DescribedLock> {
  const { lockOf } = await import("#resolve");
  const lock = lockOf(summary.path, after);
  const sections = lockedSections(lock);
  if (before === after) return { summary, lock, sections, changes: [] };
  return { summary, lock, sections, changes: lockChanges(lockOf(summary.path, before), lock) };
}

export function lockJson({ summary, sections, changes }: LockReport): object {
  const nullable = changes.map(({ before = null, after = null, ...rest }) => ({ ...rest, before, after }));
  return { ...summary, sections, changes: nullable };
}

export function reportLock(
  report: LockReport,
  { line, context: { output } }: { readonly line: CommandLine; readonly context: CommandContext },
): number {
  if (line.has("--json")) {
    output.json(lockJson(report));
    return 0;
  }
  for (const text of changeLines(report.changes)) output.line(text);
  const dates = new Map(report.summary.suites.map(({ name, date }) => [name, date]));
  for (const { section, packages } of report.sections) {
    const date = dates.get(section);
    output.line(
      `${section}: ${packages} ${packages === 1 ? "package" : "packages"}${date ? `, ${date}` : ""}`,
    );
  }
  output.line(`${report.summary.changed ? "written" : "unchanged"}: ${report.summary.path}`);
  return 0;
}

/** Of Debian's packages, which come in dozens, the first ones. */
const SHOWN_PER_SECTION = 20;

/** What happens alike in several sections is told once. */
export function changeLines(changes: readonly LockChange[]): string[] {
  const sections = new Set(changes.map(({ section }) => section));
  const places = new Map<string, string[]>();
  for (const change of changes) {
    const text = changeText(change);
    places.set(text, [...(places.get(text) ?? []), change.section]);
  }
  const seen = new Map<string, number>();
  const lines: string[] = [];
  for (const [text, [first = "", ...more]] of places) {
    const count = (seen.get(first) ?? 0) + 1;
    seen.set(first, count);
    if (isDebian(first) && count > SHOWN_PER_SECTION) continue;
    const isEverywhere = more.length + 1 === sections.size;
    lines.push(isEverywhere ? text : `${text}  (${[first, ...more].join(", ")})`);
  }
  for (const [section, count] of seen)
    if (isDebian(section) && count > SHOWN_PER_SECTION)
      lines.push(`and ${count - SHOWN_PER_SECTION} more of ${section}`);
  return lines;
}

function isDebian(section: string): boolean {
  return !/^(?:Python|CPython|R) /.test(section);
}

/** `+ beta 2.0`, `~ numpy 1.26.4 → 2.1.0`, `- gamma 1.0`. */
export function changeText({ name, before, after }: LockChange): string {
  if (before === undefined) return `+ ${name} ${after}`;
  if (after === undefined) return `- ${name} ${before}`;
  return `~ ${name} ${before} → ${after}`;
}
