/**
 * Names of members in a Debian package's data.tar, made canonical.
 *
 * Debian has merged `/bin`, `/lib`, `/lib64` and `/sbin` into `/usr` (they are links there), but packages of
 * bookworm still ship files under the old names. dpkg writes through the links; a store path stands alone, so
 * here the names themselves are rewritten: whatever a package calls it, a file has one name. Names come from
 * outside: they are split into components, and no component can lead out of the target.
 */
import { CopseError } from "#base";

/** The top-level names that are links into `/usr` on every Debian since bookworm. */
export const MERGED_DIRECTORIES: readonly string[] = [
  "bin",
  "lib",
  "lib32",
  "lib64",
  "libo32",
  "libx32",
  "sbin",
];

/** Where the control files of an unpacked package lie in its tree; views leave this directory out. */
export const COPSE_DIRECTORY = ".copse";

/** A system call takes 4095 bytes, of which the store's own path needs some. Debian's longest has 300. */
const MAX_PATH_LENGTH = 2000;
const MAX_DEPTH = 250;
const MAX_COMPONENT_LENGTH = 255;

/**
 * The canonical path of a member, relative and without `.` components; "" for the root itself.
 * Throws "deb-member-path" where a name is absolute, climbs, or is too long for a file system.
 */
export function canonicalMemberPath(name: string): string {
  if (name.length > MAX_PATH_LENGTH) throw invalid("is too long", `${name.slice(0, 80)}…`);
  if (name.startsWith("/")) throw invalid("is absolute", name);
  if (name.includes("\0")) throw invalid("contains a null byte", name.replaceAll("\0", "\\0"));
  const components: string[] = [];
  for (const component of name.split("/")) {
    if (component === "" || component === ".") continue;
    if (component === "..") throw invalid("leads out of the package", name);
    if (component.length > MAX_COMPONENT_LENGTH) throw invalid("is too long", `${component.slice(0, 80)}…`);
    components.push(component);
  }
  if (components.length > MAX_DEPTH) throw invalid("is nested too deeply", `${name.slice(0, 80)}…`);
  if (components[0] === COPSE_DIRECTORY) throw invalid("is reserved", name);
  if (MERGED_DIRECTORIES.includes(components[0] ?? "")) components.unshift("usr");
  return components.join("/");
}

/** Whether a canonical path is one of the merged directories themselves: `usr/bin` for `bin`. */
export function isMergedDirectory(path: string): boolean {
  return path.startsWith("usr/") && MERGED_DIRECTORIES.includes(path.slice(4));
}

/** The same rewriting for an absolute path as scripts write it: `/bin/more` is `/usr/bin/more`. */
export function canonicalAbsolutePath(path: string): string {
  return `/${canonicalMemberPath(path.replace(/^\/+/, ""))}`;
}

function invalid(what: string, name: string): CopseError {
  return new CopseError("deb-member-path", `Name of a package member ${what}: \`${name}\``);
}
