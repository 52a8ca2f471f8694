/** Whose file a file is, by its name alone. */
import { type NormalizedName, normaliseName } from "#format/python";
import { fileKind } from "./project-file.ts";

/**
 * Whether a file can be the project's. Of sdists, older ones have dashes in name and version, so that nothing but the
 * project's name tells where one ends: `a-b-1.tar.gz` is `a-b` 1, or `a` b-1, which is no version and found out later.
 */
export function belongsTo(file: string, project: NormalizedName): boolean {
  switch (fileKind(file)) {
    case "wheel":
      return isNameOf(file.slice(0, file.indexOf("-")), project);
    case "sdist":
      for (let at = file.indexOf("-"); at !== -1; at = file.indexOf("-", at + 1))
        if (isNameOf(file.slice(0, at), project)) return true;
      return false;
    default:
      return false;
  }
}

function isNameOf(text: string, project: NormalizedName): boolean {
  // Most names differ in length from the first letter on: the regular expression is for the few that may be the same.
  if (text === project) return true;
  if (text.length < project.length) return false;
  try {
    return normaliseName(text) === project;
  } catch {
    return false;
  }
}
