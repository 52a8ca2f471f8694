/**
 * Questions about Debian packages during evaluation: answered from the lock where it has the answer, else from the
 * index, whose answer then stands in the lock.
 */

import { debianArchitecture } from "#fetch";
import { type DebianRequests, nearestNames } from "#resolve";
import type { DebianQuestions } from "./engine-builtins.ts";

export function lockedDebian(
  requests: DebianRequests,
  options: { readonly system: string; readonly frozen: boolean },
): DebianQuestions {
  const { system, frozen } = options;
  const architecture = debianArchitecture(system);
  const indexNames = new Map<string, ReadonlySet<string>>();
  const lockedNames = new Map<string, ReadonlySet<string>>();

  const known = (suite: string): ReadonlySet<string> => {
    const names = indexNames.get(suite) ?? new Set(requests.names({ suite, system }));
    indexNames.set(suite, names);
    return names;
  };
  /** Of when the evaluation began: what is locked meanwhile, the index has told of. */
  const locked = (suite: string): ReadonlySet<string> => {
    const packages = requests.lock.suite({ suite, architecture })?.packages ?? [];
    const names = lockedNames.get(suite) ?? new Set(packages.map(({ name }) => name));
    lockedNames.set(suite, names);
    return names;
  };
  return {
    isFrozen: frozen,
    resolve: (request) => requests.resolve(request).packages,
    has: (suite, name) => locked(suite).has(name) || (!frozen && known(suite).has(name)),
    nearest: (suite, name) => nearestNames(name, [...(frozen ? locked(suite) : known(suite))]),
  };
}
