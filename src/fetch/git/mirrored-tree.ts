/**
 * Where a folder that `copse fetch` has filled keeps the tree of a commit: as a NAR under its own hash, which is the one
 * that locks have. Whichever repository it came from, nothing else can have that hash.
 */
export const GIT_ARCHIVE = "git";

/** `sha256` in hexadecimal digits. */
export function mirroredTreeFile(sha256: string): string {
  return `${sha256}.nar`;
}
