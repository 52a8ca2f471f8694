/**
 * The table of mounts that `mount -a --fstab FILE` works through, in order, in one process. Its fields are
 * separated by blanks, so blanks and backslashes in paths are written in octal, as in /proc/mounts.
 */

export interface FstabEntry {
  readonly source: string;
  readonly target: string;
  /** "none" for binds. */
  readonly type?: string;
  readonly options: string;
}

export function formatFstab(entries: readonly FstabEntry[]): string {
  return entries
    .map(
      ({ source, target, type, options }) =>
        `${formatField(source)} ${formatField(target)} ${type ?? "none"} ${options} 0 0\n`,
    )
    .join("");
}

function formatField(path: string): string {
  return path.replace(/[ \t\n\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/**
 * Read-only. The other options matter in a user namespace: libmount binds first and remounts then, and a
 * remount may not drop flags that the source's mount has (a home that is nosuid, nodev).
 */
export const sealedBind = "bind,ro,nosuid,nodev";
