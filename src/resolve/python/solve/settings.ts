/** What a user can say about a solve besides the requirements. All of it optional. */
import type { NormalizedName, Requirement, Specifiers } from "#format/python";

export interface PythonSolveSettings {
  /**
   * `if-necessary` (the default): final releases first, a pre-release where nothing else is left in range.
   * `explicit`: likewise, but only for projects whose pre-releases a requirement of the request names.
   * `allow`: the newest, whatever it is. `disallow`: never. A set: `allow` for these projects, `if-necessary` for others.
   */
  readonly prereleases?: PrereleaseRule | ReadonlySet<NormalizedName>;
  /**
   * A day (`2024-03-01`, its beginning in UTC) or an instant: files uploaded from then on do not exist, nor do those of
   * which the index does not say when.
   */
  readonly excludeNewer?: string;
  readonly relax?: readonly Relaxation[];
  /** Whoever demands one of these projects is understood to demand this instead. */
  readonly overrides?: readonly Requirement[];
  /** Dependencies of single projects, added to or taken from what their metadata says. */
  readonly adjustments?: readonly Adjustment[];
  /** Projects of which only wheels are taken, or only sdists. */
  readonly onlyBinary?: ProjectChoice;
  readonly noBinary?: ProjectChoice;
  /** A wheel of an older version before a newer version that has to be built. */
  readonly preferBinary?: boolean;
  /** `lowest` takes the oldest of everything, `lowest-direct` only of what is asked for by name. */
  readonly strategy?: "highest" | "lowest" | "lowest-direct";
}

/** Projects: these, all, or all but these. */
export type ProjectChoice =
  | "all"
  | ReadonlySet<NormalizedName>
  | { readonly allBut: ReadonlySet<NormalizedName> };

export type PrereleaseRule = "if-necessary" | "explicit" | "allow" | "disallow";

/**
 * Lets a bound that packages put on a project not count. With specifiers, `numpy<2`, exactly these clauses are dropped;
 * without, `numpy`, all that limit it from above. The request's own requirements always count.
 */
export interface Relaxation {
  readonly name: NormalizedName;
  readonly specifiers?: Specifiers;
  /** Only where this project demands it. */
  readonly of?: NormalizedName;
}

export interface Adjustment {
  readonly project: NormalizedName;
  /** The versions whose metadata is wrong; all, if not given. */
  readonly versions?: Specifiers;
  readonly remove?: readonly NormalizedName[];
  /** Added; where the metadata already demands the project, in place of that. */
  readonly demand?: readonly Requirement[];
}

export function appliesTo(which: ProjectChoice | undefined, name: NormalizedName): boolean {
  if (which === undefined || which === "all") return which === "all";
  return "allBut" in which ? !which.allBut.has(name) : which.has(name);
}

export function prereleaseRule({ prereleases }: PythonSolveSettings, name: NormalizedName): PrereleaseRule {
  if (typeof prereleases === "object") return prereleases.has(name) ? "allow" : "if-necessary";
  return prereleases ?? "if-necessary";
}

/** In milliseconds since 1970; undefined for what is no time. A time without zone is in UTC. */
export function exclusionInstant(text: string): number | undefined {
  const isTime =
    /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?$/.test(text);
  if (!isTime) return undefined;
  const hasZone = /(?:[Zz]|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  const instant = Date.parse(text.length > 10 && !hasZone ? `${text}Z` : text);
  return Number.isNaN(instant) ? undefined : instant;
}
