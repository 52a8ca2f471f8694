/**
 * Names of wheels, `NAME-VERSION[-BUILD]-INTERPRETER-ABI-PLATFORM.whl` (the packaging guide's "Binary distribution
 * format"). In NAME, every `-` was made `_`. Of wheels that differ in the build alone, the higher one is better: it has a
 * number, and text behind it.
 */
import { CopseError } from "#base";
import { isName, type NormalizedName, normaliseName } from "../requirement/name.ts";
import { tryParseVersion, type Version, type VersionNumber } from "../version/version.ts";
import { parseTagSet, type TagSet } from "./tags.ts";

export interface WheelName {
  readonly file: string;
  readonly name: NormalizedName;
  readonly version: Version;
  readonly build?: BuildTag;
  readonly tags: TagSet;
}

export interface BuildTag {
  readonly number: VersionNumber;
  readonly text: string;
}

/** Throws CopseError `python-wheel-name-invalid`. */
export function parseWheelName(file: string): WheelName {
  const parts = file.endsWith(".whl") ? file.slice(0, -4).split("-") : [];
  if (parts.length !== 5 && parts.length !== 6)
    throw invalid(file, "it has not the five or six parts of a wheel's");
  const [project, versionText, buildText] = parts as [string, string, string];
  if (!isName(project) || project.includes("__")) throw invalid(file, "the project's name is none");
  const version = tryParseVersion(versionText);
  if (version === undefined) throw invalid(file, "its version is none");
  const build = parts.length === 6 ? parseBuild(buildText, file) : undefined;
  return {
    file,
    name: normaliseName(project),
    version,
    ...(build !== undefined && { build }),
    tags: tagsOf(parts.slice(-3).join("-"), file),
  };
}

function parseBuild(text: string, file: string): BuildTag {
  const [, digits, rest] = /^([0-9]+)(.*)$/s.exec(text) ?? [];
  if (digits === undefined) throw invalid(file, "its build does not begin with a number");
  const number = Number(digits);
  return { number: Number.isSafeInteger(number) ? number : BigInt(digits), text: rest! };
}

function tagsOf(text: string, file: string): TagSet {
  try {
    return parseTagSet(text);
  } catch (error) {
    if (error instanceof CopseError) throw invalid(file, "its tags are none");
    throw error;
  }
}

/** Negative, zero or positive; none comes before any. */
export function compareBuilds(a: BuildTag | undefined, b: BuildTag | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (a.number !== b.number) return a.number < b.number ? -1 : 1;
  return a.text === b.text ? 0 : a.text < b.text ? -1 : 1;
}

function invalid(file: string, problem: string): CopseError {
  return new CopseError(
    "python-wheel-name-invalid",
    `Not the name of a wheel, ${problem}: \`${file.slice(0, 300)}\``,
  );
}
