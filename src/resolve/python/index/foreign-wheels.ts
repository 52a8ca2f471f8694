/**
 * Wheels for other operating systems than ours, which are two of three files of many projects.
 *
 * Nothing here can install them, so they are dropped before a listing is kept. Of a version that has nothing else one
 * stays: that there is such a version, and that it is not for this system, is worth knowing when a solve fails.
 */
import { fileKind, type ListedFile } from "./project-file.ts";

const FOREIGN = /^(?:win32|win_|macosx_|ios_|android_|cygwin|mingw)/;

export function withoutForeignWheels(files: readonly ListedFile[]): ListedFile[] {
  const foreign = files.map(({ file }) => isForeign(file));
  if (!foreign.includes(true)) return [...files];
  const covered = new Set(files.flatMap(({ file }, at) => (foreign[at] ? [] : [versionKey(file)])));
  return files.filter(({ file }, at) => {
    if (!foreign[at]) return true;
    const key = versionKey(file);
    if (covered.has(key)) return false;
    covered.add(key);
    return true;
  });
}

/** Whether all of a wheel's platforms are of other systems. */
function isForeign(file: string): boolean {
  if (fileKind(file) !== "wheel") return false;
  const platforms = file.slice(file.lastIndexOf("-") + 1, -".whl".length);
  return platforms.split(".").every((platform) => FOREIGN.test(platform));
}

/** The name and version of a wheel or sdist, near enough: where two spellings differ, a wheel too many is kept. */
function versionKey(file: string): string {
  if (fileKind(file) !== "wheel")
    return file
      .replace(/\.(?:tar\.\w+|tgz|zip)$/, "")
      .replaceAll(/[-_.]+/g, "-")
      .toLowerCase();
  const [name = "", version = ""] = file.split("-", 2);
  return `${name}-${version}`.replaceAll(/[-_.]+/g, "-").toLowerCase();
}
