/**
 * What two states of a lock differ in, as somebody reads it who has asked for a change: versions of packages, by the
 * section that they are locked in. A section that is wholly new is no change of anything.
 */
import type { Lock } from "#resolve";

export interface LockChange {
  readonly name: string;
  /** `Python 3.11 x86_64-linux`, `bookworm amd64`. */
  readonly section: string;
  /** Several, where requests have different ones. Undefined for what was not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Python's sections first, then R's, then Debian's; in each by name. */
export function lockChanges(before: Lock, after: Lock): LockChange[] {
  const [old, current] = [versionsIn(before), versionsIn(after)];
  return [...current].flatMap(([section, versions]) => {
    const then = old.get(section);
    if (!then) return [];
    const names = [...new Set([...then.keys(), ...versions.keys()])].sort();
    return names
      .map((name) => ({
        ...{ name, section },
        before: textOf(then.get(name)),
        after: textOf(versions.get(name)),
      }))
      .filter((change) => change.before !== change.after);
  });
}

export interface LockedSection {
  readonly section: string;
  readonly packages: number;
}

/** How many packages each section has. */
export function lockedSections(lock: Lock): LockedSection[] {
  return [...versionsIn(lock)].map(([section, versions]) => ({ section, packages: versions.size }));
}

/** The version of a package in any of the sections. */
export function lockedVersion(lock: Lock, name: string): string | undefined {
  for (const versions of versionsIn(lock).values()) {
    const found = textOf(versions.get(name));
    if (found !== undefined) return found;
  }
  return undefined;
}

type Versions = ReadonlyMap<string, ReadonlySet<string>>;

function versionsIn(lock: Lock): ReadonlyMap<string, Versions> {
  const sections = new Map<string, Map<string, Set<string>>>();
  const add = (section: string, name: string, version: string) => {
    const versions = sections.get(section) ?? new Map<string, Set<string>>();
    sections.set(section, versions.set(name, (versions.get(name) ?? new Set()).add(version)));
  };
  for (const [key, { packages }] of lock.python.data)
    for (const { name, version } of packages) add(`Python ${key}`, name, version);
  for (const [key, { release }] of lock.cpython.data) {
    const [series = "", system = ""] = key.split(" ");
    add(`CPython ${system}`, `python${series}`, release);
  }
  for (const [key, { packages }] of lock.r.data)
    for (const one of packages) if (one.kind === "source") add(`R ${key}`, one.name, String(one.version));
  for (const { suite, architecture, locked } of lock.suites())
    for (const { name, version } of locked.packages) add(`${suite} ${architecture}`, name, version);
  return sections;
}

function textOf(versions: ReadonlySet<string> | undefined): string | undefined {
  return versions && [...versions].sort().join(", ");
}
