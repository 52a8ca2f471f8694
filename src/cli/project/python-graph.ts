/** The Python packages of an environment as the lock has them: who needs whom. */
import { join } from "node:path";
import { CopseError, nearestNames } from "#base";
import { answerOf, environmentsOf, type Manifest, normalisedName, requirementsAtHand } from "#manifest";
import { type LockedPythonPackage, openLock } from "#resolve";
import { hostSystem } from "../host-system.ts";

export interface PythonGraph {
  /** Names that copse.toml asks for, in its order. */
  readonly roots: readonly string[];
  readonly packages: ReadonlyMap<string, LockedPythonPackage>;
  dependenciesOf(name: string): readonly string[];
  /** `numpy 2.1.0`, `lungtools (./lungtools)`. */
  labelOf(name: string): string;
}

/** Undefined where the environment has no packages of PyPI. @throws CopseError `lock-missing`. */
export function pythonGraph(manifest: Manifest, environment: string | undefined): PythonGraph | undefined {
  const contents = environmentsOf(manifest).find(({ name }) => name === environment);
  if (!contents || contents.python.length === 0 || manifest.data.python?.from === "debian") return undefined;
  const lock = openLock(join(manifest.folder, "copse.lock"), { frozen: true });
  const requests = [...lock.python.data]
    .filter(([section]) => section.endsWith(` ${hostSystem()}`))
    .flatMap(([, section]) => section.requests);
  const request = answerOf(contents.python, requests);
  if (!request) {
    throw new CopseError(
      "lock-missing",
      `copse.lock has no answer for what copse.toml asks for: \`${manifest.name}\``,
      {
        hint: "`copse lock` writes one",
      },
    );
  }
  const packages = new Map(request.answer.map((one) => [one.name as string, one]));
  const atHand = new Map(
    contents.python.flatMap(({ name, path }) => (path === undefined ? [] : [[name, path]])),
  );
  // Which of several projects at hand has asked for what is not in the lock: each may have.
  const neededAtHand = requirementsAtHand(contents.python, request);
  return {
    roots: [...new Set(contents.python.map(({ name }) => name))],
    packages,
    dependenciesOf(name) {
      const needed = atHand.has(name) ? neededAtHand : (packages.get(name)?.dependencies ?? []);
      return [...new Set(needed.map(projectOf))].filter((each) => packages.has(each));
    },
    labelOf(name) {
      const path = atHand.get(name);
      return path === undefined
        ? `${name} ${packages.get(name)?.version ?? ""}`.trimEnd()
        : `${name} (${path})`;
    },
  };
}

/** @throws CopseError `package-absent`. */
export function requirePackage(graph: PythonGraph | undefined, given: string): string {
  const name = normalisedName(given);
  if (graph?.packages.has(name) || graph?.roots.includes(name)) return name;
  const near = nearestNames(name, [...(graph?.packages.keys() ?? [])]);
  throw new CopseError("package-absent", `The environment has no package of this name: \`${given}\``, {
    ...(near.length > 0 && { hint: `did you mean ${near.join(", ")}?` }),
  });
}

function projectOf(dependency: string): string {
  return normalisedName(/^[A-Za-z0-9._-]+/.exec(dependency)?.[0] ?? dependency);
}
