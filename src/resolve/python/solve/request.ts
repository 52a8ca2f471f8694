/** What is asked, made ready: the request's own requirements on this machine, and what follows from them for candidates. */

import { CopseError } from "#base";
import {
  asksForPrereleases,
  bothSpecifiers,
  contains,
  NO_SPECIFIERS,
  type NormalizedName,
  parseVersion,
  type Requirement,
  type Specifiers,
  type Version,
} from "#format/python";
import { exclusionInstant, type PythonSolveSettings } from "./settings.ts";
import { type PythonPlatform, Target } from "./target.ts";

export interface PythonRequest {
  readonly requirements: readonly Requirement[];
  /** Limits on versions of what is taken; nothing is taken because of them. */
  readonly constraints?: readonly Requirement[];
  readonly platform: PythonPlatform;
  /** Versions to keep where they still fit, as the lock has them. */
  readonly preferences?: ReadonlyMap<string, string>;
  readonly settings?: PythonSolveSettings;
}

export class PreparedRequest {
  readonly target: Target;
  readonly settings: PythonSolveSettings;
  readonly requirements: readonly Requirement[];
  readonly excludedFrom: number | undefined;
  readonly #constraints: Map<NormalizedName, readonly Requirement[]>;
  readonly #overrides: Map<NormalizedName, readonly Requirement[]>;
  readonly #own: Map<NormalizedName, readonly Requirement[]>;
  readonly #preferences = new Map<string, Version>();

  constructor({ requirements, constraints = [], platform, preferences, settings = {} }: PythonRequest) {
    this.target = new Target(platform);
    this.settings = settings;
    this.excludedFrom = instantOf(settings.excludeNewer);
    const applies = (one: Requirement) => one.marker === undefined || this.target.holds(one.marker);
    this.#overrides = Map.groupBy(settings.overrides ?? [], ({ name }) => name);
    this.requirements = this.overridden(requirements.filter(applies));
    this.#constraints = Map.groupBy(constraints.filter(applies), ({ name }) => name);
    this.#own = Map.groupBy(this.requirements, ({ name }) => name);
    for (const [name, version] of preferences ?? []) this.#preferences.set(name, parseVersion(version));
  }

  constraintsOn(name: NormalizedName): readonly Requirement[] {
    return this.#constraints.get(name) ?? [];
  }

  preferred(name: NormalizedName): Version | undefined {
    return this.#preferences.get(name);
  }

  /** The request itself asks for this project. */
  asksFor(name: NormalizedName): boolean {
    return this.#own.has(name);
  }

  /** All that request and constraints demand of a project's version. */
  limits(name: NormalizedName): Specifiers {
    const all = [...(this.#own.get(name) ?? []), ...this.constraintsOn(name)];
    return all.reduce(
      (limits, { specifiers }) => bothSpecifiers(limits, specifiers ?? NO_SPECIFIERS),
      NO_SPECIFIERS,
    );
  }

  /** URLs by which request, constraints and overrides name a project. */
  urls(name: NormalizedName): readonly string[] {
    const all = [
      ...(this.#own.get(name) ?? []),
      ...this.constraintsOn(name),
      ...(this.#overrides.get(name) ?? []),
    ];
    return [...new Set(all.flatMap(({ url }) => url ?? []))];
  }

  asksForPrereleases(name: NormalizedName): boolean {
    return asksForPrereleases(this.limits(name));
  }

  /** Pinned exactly by the request or a constraint, or locked. */
  mayBeYanked(name: NormalizedName, version: Version): boolean {
    if (this.#preferences.get(name)?.key === version.key) return true;
    const pins = [...(this.#own.get(name) ?? []), ...this.constraintsOn(name)].filter(isPin);
    return pins.some(({ specifiers }) => contains(specifiers!, version));
  }

  /** Overrides in place of what they replace; those whose own marker does not hold remove it. */
  overridden(requirements: readonly Requirement[]): readonly Requirement[] {
    if (this.#overrides.size === 0) return requirements;
    return requirements.flatMap((one) => {
      const instead = this.#overrides.get(one.name);
      if (!instead) return [one];
      return instead
        .filter(({ marker }) => marker === undefined || this.target.holds(marker))
        .map((other) => ({ ...other, extras: [...new Set([...one.extras, ...other.extras])].sort() }));
    });
  }
}

/** `==1.2` or `===1.2`: it leaves one version, and so says that this very one is wanted. */
function isPin({ specifiers }: Requirement): boolean {
  return (
    specifiers?.clauses.some((one) => one.kind === "identical" || (one.operator === "==" && !one.wildcard)) ??
    false
  );
}

function instantOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const instant = exclusionInstant(text);
  if (instant !== undefined) return instant;
  throw new CopseError("exclude-newer-invalid", `Time from which files are excluded is none: \`${text}\``, {
    hint: "a day such as 2024-03-01, or an instant such as 2024-03-01T12:00:00Z",
  });
}
