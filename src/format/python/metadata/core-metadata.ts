/**
 * Core metadata: METADATA in a wheel, PKG-INFO in a source archive (the packaging guide's "Core metadata specifications").
 * Read is what installing and solving need.
 *
 * Of what is published, much breaks the rules. As with pip: malformed requirements are mended (`legacy-requirement.ts`), a
 * Requires-Python that cannot be read demands nothing, and extras whose names are none cannot be asked for. A requirement that
 * cannot be mended is an error: leaving it out would make an environment that does not work.
 */
import { CopseError } from "#base";
import { parseLegacyRequirement, parseLegacySpecifiers } from "../requirement/legacy-requirement.ts";
import { isName, type NormalizedName, normaliseName } from "../requirement/name.ts";
import type { Requirement } from "../requirement/requirement.ts";
import type { Specifiers } from "../version/specifiers.ts";
import { parseVersion, type Version } from "../version/version.ts";
import { Headers } from "./headers.ts";

export interface CoreMetadata {
  /** `1.0` where it is not stated. */
  readonly metadataVersion: string;
  readonly name: NormalizedName;
  readonly version: Version;
  readonly requiresDist: readonly Requirement[];
  readonly requiresPython?: Specifiers;
  readonly providesExtra: readonly NormalizedName[];
  /** Fields of a source archive that may still change when it is built, in lower case (PEP 643). */
  readonly dynamic: readonly string[];
  readonly summary?: string;
}

/** Throws CopseError `python-metadata-invalid`, `python-requirement-invalid` and `python-marker-invalid`. */
export function parseCoreMetadata(contents: Uint8Array | string): CoreMetadata {
  const headers = new Headers(contents);
  const requiresPython = tryParseSpecifiers(headers.get("requires-python"));
  const summary = headers.get("summary");
  return {
    metadataVersion: headers.get("metadata-version") ?? "1.0",
    name: readName(headers.get("name")),
    version: readVersion(headers.get("version")),
    requiresDist: headers.all("requires-dist").map((text) => parseLegacyRequirement(unfold(text))),
    ...(requiresPython !== undefined && { requiresPython }),
    providesExtra: [...new Set(headers.all("provides-extra").filter(isName).map(normaliseName))],
    dynamic: headers.all("dynamic").map((field) => field.toLowerCase()),
    ...(summary !== undefined && { summary: unfold(summary) }),
  };
}

function readName(text: string | undefined): NormalizedName {
  if (text === undefined || !isName(text)) throw invalid("Name", text);
  return normaliseName(text);
}

function readVersion(text: string | undefined): Version {
  try {
    return parseVersion(text ?? "");
  } catch (error) {
    if (error instanceof CopseError) throw invalid("Version", text);
    throw error;
  }
}

function tryParseSpecifiers(text: string | undefined): Specifiers | undefined {
  try {
    return text === undefined || text === "" ? undefined : parseLegacySpecifiers(unfold(text));
  } catch (error) {
    if (error instanceof CopseError) return undefined;
    throw error;
  }
}

function unfold(text: string): string {
  return text.replace(/\n[ \t]*/g, " ");
}

function invalid(field: string, value: string | undefined): CopseError {
  return new CopseError(
    "python-metadata-invalid",
    value === undefined
      ? `Metadata of a Python package lacks a field: \`${field}\``
      : `Metadata of a Python package has an invalid ${field}: \`${value.slice(0, 100)}\``,
  );
}
