/** What a request says besides its requirements, checked and read into the solver's own terms. */
import { CopseError } from "#base";
import { type NormalizedName, normaliseName, parseRequirement, type Requirement } from "#format/python";
import type { Adjustment, PythonSolveSettings, Relaxation } from "../solve/settings.ts";
import type { PythonSettings } from "./request.ts";

/** @throws CopseError `setting-invalid`, `python-requirement-invalid`. */
export function solveSettings(settings: PythonSettings): PythonSolveSettings {
  const { excludeNewer, overrides, relax, dependencies } = settings;
  const strategy = choice("resolution", settings.resolution, ["highest", "lowest", "lowest-direct"]);
  const prereleases = prereleaseSetting(settings.prereleases);
  return {
    ...(prereleases && { prereleases }),
    ...(strategy && { strategy }),
    ...(excludeNewer !== undefined && { excludeNewer }),
    ...(relax && { relax: relax.map(relaxation) }),
    ...(overrides && { overrides: overrides.map(requirement) }),
    ...(dependencies && { adjustments: Object.entries(dependencies).map(adjustment) }),
    ...(settings.onlyBinary && { onlyBinary: projects(settings.onlyBinary) }),
    ...(settings.noBinary && { noBinary: projects(settings.noBinary) }),
  };
}

const PRERELEASE_RULES = ["if-necessary", "explicit", "allow", "disallow"] as const;

/** A word for all projects, or a list of those of which pre-releases count as any version. */
function prereleaseSetting(value: PythonSettings["prereleases"]): PythonSolveSettings["prereleases"] {
  if (typeof value === "object") return new Set(value.map(normaliseName));
  return choice("prereleases", value, PRERELEASE_RULES);
}

function requirement(text: string): Requirement {
  return parseRequirement(text);
}

function relaxation(text: string): Relaxation {
  const { name, specifiers } = parseRequirement(text);
  return { name, ...(specifiers && specifiers.clauses.length > 0 && { specifiers }) };
}

/** `NAME` or, for some of its versions alone, `NAME==1.2`. */
function adjustment([text, change]: [
  string,
  { readonly add?: readonly string[]; readonly remove?: readonly string[] },
]): Adjustment {
  const { name, specifiers } = parseRequirement(text);
  return {
    project: name,
    ...(specifiers && specifiers.clauses.length > 0 && { versions: specifiers }),
    ...(change.remove && { remove: change.remove.map(normaliseName) }),
    ...(change.add && { demand: change.add.map(requirement) }),
  };
}

function projects(names: readonly string[]): "all" | ReadonlySet<NormalizedName> {
  return names.includes(":all:") ? "all" : new Set(names.map(normaliseName));
}

function choice<T extends string>(name: string, value: unknown, known: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new CopseError(
    "setting-invalid",
    `Setting ${name} has a value that is not known: \`${String(value)}\``,
    {
      hint: `known are ${known.join(", ")}`,
    },
  );
}
