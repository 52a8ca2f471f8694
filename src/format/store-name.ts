/**
 * Names in the store: what stands behind the digest in `/nix/store/<digest>-<name>`. A name is part of file names, of
 * URLs and of shell words, so it may have few characters; and it must not look like `.` or `..`.
 */
import { CopseError } from "#base";

/** With the digest and the dash, a directory entry stays well within 255 bytes, also with `.drv.lock` behind. */
const MAX_LENGTH = 211;

const HINT = "names may use letters, digits and + - . _ ? =";

/** In Nix's words. Undefined for a good name. */
export function storeNameProblem(name: string): string | undefined {
  if (name === "") return "name must not be empty";
  if (name.length > MAX_LENGTH) return `name '${name}' must be no longer than ${MAX_LENGTH} characters`;
  if (name === "." || name === "..") return `name '${name}' is not valid`;
  const dotPart = /^\.\.?(?=-)/.exec(name)?.[0];
  if (dotPart !== undefined) {
    return `name '${name}' is not valid: first dash-separated component must not be '${dotPart}'`;
  }
  const illegal = /[^0-9A-Za-z+\-._?=]/.exec(name)?.[0];
  return illegal === undefined ? undefined : `name '${name}' contains illegal character '${illegal}'`;
}

/** Throws CopseError `store-path-name`. */
export function checkStoreName(name: string): void {
  const problem = storeNameProblem(name);
  if (problem !== undefined) throw new CopseError("store-path-name", problem, { hint: HINT });
}

/** The same of a name in its place: `base` is the digest, a dash and the name. */
export function checkStoreBase(base: string, name: string): void {
  const problem = storeNameProblem(name);
  if (problem === undefined) return;
  throw new CopseError("store-path-name", `path '${base}' is not a valid store path: ${problem}`, {
    hint: HINT,
  });
}
