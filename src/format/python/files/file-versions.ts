/**
 * The files of a project by the versions that their names say, oldest version first.
 *
 * A project may have thousands of files, and this is asked of all of them: names are read as far as the version, and each
 * spelling of a version is parsed once. `1.0` and `1.0.0` are one version.
 */
import { CopseError } from "#base";
import type { NormalizedName } from "../requirement/name.ts";
import { tryParseVersion } from "../version/version.ts";
import { parseSdistName } from "./sdist-name.ts";

export interface FilesOfVersion<F> {
  /** As the first of the files spells it; empty for files whose names say none, which come last. */
  readonly text: string;
  /** At least one, in the order in which they were given. */
  readonly files: readonly F[];
}

export function isWheel(file: string): boolean {
  return file.endsWith(".whl");
}

export function groupByVersion<F extends { readonly file: string }>(
  files: Iterable<F>,
  project: NormalizedName,
): readonly FilesOfVersion<F>[] {
  const byText = new Map<string, { readonly text: string; readonly files: F[] }>();
  const byKey = new Map<string, { readonly text: string; readonly files: F[] }>();
  const others: F[] = [];
  for (const file of files) {
    const text = versionText(file.file, project);
    const known = byText.get(text);
    if (known) {
      known.files.push(file);
      continue;
    }
    const version = text === "" ? undefined : tryParseVersion(text);
    if (!version) {
      others.push(file);
      continue;
    }
    const group = byKey.get(version.key) ?? { text, files: [] };
    byText.set(text, group);
    byKey.set(version.key, group);
    group.files.push(file);
  }
  const groups = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  return others.length === 0 ? groups : [...groups, { text: "", files: others }];
}

function versionText(file: string, project: NormalizedName): string {
  if (!isWheel(file)) return sdistVersion(file, project);
  const start = file.indexOf("-") + 1;
  const end = file.indexOf("-", start);
  return start > 0 && end > start ? file.slice(start, end) : "";
}

/** Indexes hold files from before there were rules for their names. */
function sdistVersion(file: string, project: NormalizedName): string {
  try {
    return parseSdistName(file, project).version.text;
  } catch (error) {
    if (error instanceof CopseError) return "";
    throw error;
  }
}
