/**
 * Names of source archives, `NAME-VERSION.tar.gz` (the packaging guide's "Source distribution format", PEP 625). Old ones
 * have dashes in names and even in versions, so the project's name, which an index always knows, is what tells where the
 * version begins. Other archives than `.tar.gz` and `.zip` are from before the rule; indexes still have them.
 */
import { CopseError } from "#base";
import { isName, type NormalizedName, normaliseName } from "../requirement/name.ts";
import { tryParseVersion, type Version } from "../version/version.ts";

export interface SdistName {
  readonly file: string;
  readonly name: NormalizedName;
  readonly version: Version;
  readonly extension: string;
}

const EXTENSIONS = [".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz"] as const;

/**
 * `project` is the name that the index has the file under; without it, the version begins behind the last dash.
 * Throws CopseError `python-sdist-name-invalid`.
 */
export function parseSdistName(file: string, project?: NormalizedName): SdistName {
  const extension = EXTENSIONS.find((suffix) => file.endsWith(suffix));
  if (extension === undefined) throw invalid(file);
  const stem = file.slice(0, -extension.length);
  const dash = project === undefined ? stem.lastIndexOf("-") : dashBehind(stem, project);
  const name = stem.slice(0, Math.max(dash, 0));
  const version = tryParseVersion(stem.slice(dash + 1));
  if (!isName(name) || version === undefined) throw invalid(file);
  return { file, name: normaliseName(name), version, extension };
}

/** The first dash before which the project's name stands, in any spelling; -1 if there is none. */
function dashBehind(stem: string, project: NormalizedName): number {
  for (let dash = stem.indexOf("-"); dash >= 0; dash = stem.indexOf("-", dash + 1)) {
    const name = stem.slice(0, dash);
    if (isName(name) && normaliseName(name) === project) return dash;
  }
  return -1;
}

function invalid(file: string): CopseError {
  return new CopseError(
    "python-sdist-name-invalid",
    `Not the name of a source archive: \`${file.slice(0, 300)}\``,
  );
}
