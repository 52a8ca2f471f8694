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
  parseVersion,
  platformTags,
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

  constructor(platform: PythonPlatform) {
    this.platform = platform;
    this.python = parseVersion(platform.python);
    this.environment = markerEnvironment(platform);
    this.tags = rankTags(platformTags(platform));
  }

  holds(marker: Marker, extra?: NormalizedName): boolean {
    return evaluateMarker(marker, this.environment, extra === undefined ? undefined : new Set([extra]));
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
