/**
 * How `copse.lock` is written: one entry a line, sorted, so that what changed is what a difference shows, and merges
 * go well. The same data is always the same text.
 */

import { formatCpythonSections } from "./cpython/lock.ts";
import { formatRSections } from "./cran/lock/lock-writer.ts";
import {
  fileKeys,
  LOCK_VERSION,
  type LockData,
  type LockedSource,
  type LockedSuite,
  packageKeys,
  referenceIn,
  releaseKeys,
  sourceKeys,
} from "./lock-schema.ts";
import { formatPythonSections } from "./python/lock/lock-writer.ts";

export function formatLock(lock: LockData): string {
  const suites = sortedEntries(lock.debian).map(([suite, architectures]) => {
    const parts = sortedEntries(architectures).map(
      ([name, locked]) => `      ${JSON.stringify(name)}: ${formatSuite(locked)}`,
    );
    return `    ${JSON.stringify(suite)}: {\n${parts.join(",\n")}\n    }`;
  });
  const debian = suites.length === 0 ? "{}" : `{\n${suites.join(",\n")}\n  }`;
  const sections = [`"version": ${LOCK_VERSION}`, `"debian": ${debian}`];
  if (lock.python.size > 0) sections.push(`"python": ${formatPythonSections(lock.python)}`);
  if (lock.r && lock.r.size > 0) sections.push(`"r": ${formatRSections(lock.r)}`);
  if (lock.cpython && lock.cpython.size > 0)
    sections.push(`"cpython": ${formatCpythonSections(lock.cpython)}`);
  return `{\n  ${sections.join(",\n  ")}\n}\n`;
}

function formatSuite(locked: LockedSuite): string {
  const packages = [...locked.packages].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version, b.version),
  );
  const word = referenceIn(packages);
  const requests = [...locked.requests].sort((a, b) => compare(a.names.join(" "), b.names.join(" ")));
  const sources = [...(locked.sources ?? [])].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version, b.version),
  );
  const lists: [string, unknown[]][] = [
    ["releases", locked.releases.map((one) => pick(one, releaseKeys))],
    [
      "packages",
      packages.map(({ python, ...rest }) => ({ ...pick(rest, packageKeys), ...(python ? { python } : {}) })),
    ],
    ["requests", requests.map(({ names, answer }) => ({ names, answer: answer.map(word) }))],
    ...(sources.length === 0 ? [] : [["sources", sources.map(sourceEntry)] as [string, unknown[]]]),
  ];
  const parts = lists.map(([name, items]) => {
    const lines = items.map((item) => `          ${JSON.stringify(item)}`);
    return `        "${name}": ${lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n        ]`}`;
  });
  if (locked.source) parts.unshift(`        "source": ${JSON.stringify(locked.source)}`);
  return `{\n${parts.join(",\n")}\n      }`;
}

function sourceEntry({ files, ...rest }: LockedSource): unknown {
  return { ...pick(rest, sourceKeys), files: files.map((file) => pick(file, fileKeys)) };
}

/** The order of names in the file is ours, whatever the order in which an object was made. */
function pick<T, K extends keyof T>(value: T, keys: readonly K[]): Partial<T> {
  const picked: Partial<T> = {};
  for (const key of keys) picked[key] = value[key];
  return picked;
}

function sortedEntries<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => compare(a, b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
