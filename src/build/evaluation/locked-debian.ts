/**
 * Questions about Debian packages during evaluation: answered from the lock where it has the answer, else from the
 * index, whose answer then stands in the lock.
 */
import { CopseError, nearestNames } from "#base";
import { debianArchitecture } from "#fetch";
import { type Requests, suiteKey } from "#resolve";
import type { StatedSource } from "./debian-source.ts";
import type { DebianQuestions } from "./engine-builtins.ts";

export function lockedDebian(
  { debian: requests, lock }: Pick<Requests, "debian" | "lock">,
  options: { readonly system: string; readonly frozen: boolean },
): DebianQuestions {
  const { system, frozen } = options;
  const indexNames = new Map<string, ReadonlySet<string>>();
  const lockedNames = new Map<string, ReadonlySet<string>>();

  const checked = <T extends { readonly system: string }>(request: T): T => {
    requireDebianSystem(request.system);
    return request;
  };
  const known = (source: StatedSource): ReadonlySet<string> => {
    const key = suiteKey(source);
    const names = indexNames.get(key) ?? new Set(requests.names(checked({ ...source, system })));
    indexNames.set(key, names);
    return names;
  };
  /** Of when the evaluation began: what is locked meanwhile, the index has told of. */
  const locked = (source: StatedSource): ReadonlySet<string> => {
    const suite = suiteKey(source);
    const architecture = debianArchitecture(system);
    const packages = lock.suite({ suite, architecture })?.packages ?? [];
    const names = lockedNames.get(suite) ?? new Set(packages.map(({ name }) => name));
    lockedNames.set(suite, names);
    return names;
  };
  return {
    isFrozen: frozen,
    resolve: (request) => requests.resolve(checked(request)).packages,
    source: (request) => requests.source(checked(request)),
    has: (source, name) => locked(source).has(name) || (!frozen && known(source).has(name)),
    nearest: (source, name) => nearestNames(name, [...(frozen ? locked(source) : known(source))]),
  };
}

/** @throws CopseError `system-unknown` for what Debian has no architecture for. */
function requireDebianSystem(system: string): void {
  if (debianArchitecture(system) !== system) return;
  throw new CopseError("system-unknown", `There are no Debian packages for this system: \`${system}\``, {
    hint: "name one such as x86_64-linux or aarch64-linux",
  });
}
