/**
 * Two locks that began as one, as one again: after a merge of two branches, or when two processes have each found an
 * answer. What one side alone has is kept; where both answer the same question, ours counts.
 */
import { RAnswers } from "./cran/lock/answers.ts";
import type { LockData, LockedSuite } from "./lock-schema.ts";
import { PythonAnswers } from "./python/lock/answers.ts";

export function mergeLocks(ours: LockData, theirs: LockData): LockData {
  const r = mergeR(ours, theirs);
  const cpython = new Map([...(theirs.cpython ?? []), ...(ours.cpython ?? [])]);
  return {
    debian: mergeDebian(ours.debian, theirs.debian),
    python: mergePython(ours, theirs),
    ...(r.size > 0 && { r }),
    ...(cpython.size > 0 && { cpython }),
  };
}

function mergeDebian(ours: LockData["debian"], theirs: LockData["debian"]): LockData["debian"] {
  const merged = new Map([...theirs, ...ours]);
  for (const [suite, architectures] of ours) {
    const others = theirs.get(suite);
    if (!others) continue;
    const both = new Map([...others, ...architectures]);
    for (const [architecture, locked] of architectures) {
      const other = others.get(architecture);
      if (other) both.set(architecture, mergeSuite(locked, other));
    }
    merged.set(suite, both);
  }
  return merged;
}

/** All answers of a section are taken from the same releases, so those of other releases cannot stand beside ours. */
function mergeSuite(ours: LockedSuite, theirs: LockedSuite): LockedSuite {
  if (JSON.stringify(ours.releases) !== JSON.stringify(theirs.releases)) return ours;
  const requests = unite(ours.requests, theirs.requests, ({ names }) => names.join(" "));
  const packages = unite(ours.packages, theirs.packages, ({ name, version }) => `${name}=${version}`);
  const sources = unite(
    ours.sources ?? [],
    theirs.sources ?? [],
    ({ name, version }) => `${name}=${version}`,
  );
  return { ...ours, requests, packages, ...(sources.length > 0 && { sources }) };
}

function unite<T>(ours: readonly T[], theirs: readonly T[], key: (one: T) => string): T[] {
  const known = new Set(ours.map(key));
  return [...ours, ...theirs.filter((one) => !known.has(key(one)))];
}

function mergePython(ours: LockData, theirs: LockData): LockData["python"] {
  const answers = new PythonAnswers();
  answers.reset(new Map([...theirs.python, ...ours.python]));
  for (const [key, { requests, libraries }] of theirs.python) {
    const [python = "", system = ""] = key.split(" ");
    const own = ours.python.get(key)?.libraries ?? [];
    if (libraries) answers.recordLibraries({ python, system }, new Map([...libraries, ...own]));
    for (const { answer, ...question } of requests) {
      const request = { ...question, system };
      if (!answers.answer(request)) answers.record(request, answer);
    }
  }
  return answers.data;
}

function mergeR(ours: LockData, theirs: LockData): NonNullable<LockData["r"]> {
  const answers = new RAnswers();
  answers.reset(new Map([...(theirs.r ?? []), ...(ours.r ?? [])]));
  for (const [section, { version, requests }] of theirs.r ?? [])
    for (const { answer, ...asked } of requests) {
      const isOfSameR = answers.section(section)?.version === version;
      if (isOfSameR && !answers.answer({ section, ...asked }))
        answers.record({ section, ...asked }, { version, packages: answer });
    }
  return answers.data;
}
