/** The interpreter and machine that a solve is for, in the forms in which files and markers are asked about them. */

import { isCopseError } from "#base";
import {
  contains,
  evaluateMarker,
  formatSpecifier,
  type Marker,
  type MarkerEnvironment,
  markerEnvironment,
  type NormalizedName,
  parseSpecifiers,
  parseTagSet,
  parseVersion,
  platformTags,
  rankOfTags,
  rankTags,
  type Specifiers,
  type Version,
} from "#format/python";

export interface PythonPlatform {
  /** A Nix system. */
  readonly system: string;
  /** The whole version: `3.11.2`. */
  readonly python: string;
  readonly glibc?: string;
  readonly musl?: string;
}

/**
 * Whether a project's `requires-python` lets it be used: `python-too-new` where only an upper bound speaks against it. Such bounds
 * are guesses about the future, and often wrong; see `candidates.ts` for what becomes of it.
 */
export type PythonFit = "fits" | "python-too-new" | "does-not-fit";

export class Target {
  readonly platform: PythonPlatform;
  readonly environment: MarkerEnvironment;
  readonly python: Version;
  /** Ranks of the tags that fit, 0 for the best. */
  readonly tags: ReadonlyMap<string, number>;
  readonly #fits = new Map<string, PythonFit>();
  readonly #ranks = new Map<string, number | undefined>();
  /** By marker and extra; equal texts of markers are one object mostly. */
  readonly #holding = new WeakMap<Marker, Map<string, boolean>>();

  constructor(platform: PythonPlatform) {
    this.platform = platform;
    this.python = parseVersion(platform.python);
    this.environment = markerEnvironment(platform);
    this.tags = rankTags(platformTags(platform));
  }

  holds(marker: Marker, extra?: NormalizedName): boolean {
    let known = this.#holding.get(marker);
    if (!known) {
      known = new Map();
      this.#holding.set(marker, known);
    }
    let holds = known.get(extra ?? "");
    if (holds === undefined) {
      const extras = extra === undefined ? undefined : new Set([extra]);
      holds = evaluateMarker(marker, this.environment, extras);
      known.set(extra ?? "", holds);
    }
    return holds;
  }

  /** The best rank among a wheel's tags, `cp311-abi3-linux_x86_64`; undefined where none fits, or they are no tags. */
  rankOf(tags: string): number | undefined {
    if (!this.#ranks.has(tags)) this.#ranks.set(tags, rankOf(tags, this.tags));
    return this.#ranks.get(tags);
  }

  /** What cannot be read demands nothing, as with pip. */
  fit(requiresPython: string | undefined): PythonFit {
    if (requiresPython === undefined) return "fits";
    let fit = this.#fits.get(requiresPython);
    if (fit === undefined) {
      fit = fitOf(requiresPython, this.python);
      this.#fits.set(requiresPython, fit);
    }
    return fit;
  }
}

function rankOf(tags: string, ranks: ReadonlyMap<string, number>): number | undefined {
  try {
    return rankOfTags(parseTagSet(tags), ranks);
  } catch (error) {
    if (isCopseError(error)) return undefined;
    throw error;
  }
}

function fitOf(requiresPython: string, python: Version): PythonFit {
  const specifiers = readSpecifiers(requiresPython);
  if (!specifiers || contains(specifiers, python)) return "fits";
  const onlyAbove = specifiers.clauses.every((clause) => {
    if (clause.kind === "compare" && (clause.operator === "<" || clause.operator === "<=")) return true;
    return contains(parseSpecifiers(formatSpecifier(clause)), python);
  });
  return onlyAbove ? "python-too-new" : "does-not-fit";
}

function readSpecifiers(text: string): Specifiers | undefined {
  try {
    return parseSpecifiers(text);
  } catch (error) {
    if (isCopseError(error)) return undefined;
    throw error;
  }
}
