/**
 * The mounted file systems, as /proc/self/mountinfo lists them: see proc_pid_mountinfo(5). Its fields are separated
 * by blanks, and blanks in paths are written in octal.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

export interface Mount {
  readonly mountPoint: string;
  /** `ext4`, `nfs4`, `lustre`, `fuse.sshfs`. */
  readonly type: string;
  /** Of this mount, and of the file system: `ro`, `noexec`, `local_lock=none`. */
  readonly options: ReadonlySet<string>;
}

/** What a path lies on. `text`: another list than that of this process. */
export function findMount(path: string, text = readMountInfo()): Mount | undefined {
  const mounts = parseMountInfo(text);
  const place = resolve(path);
  // Of two at the same place, the later covers the earlier.
  return mounts
    .filter(
      ({ mountPoint }) => mountPoint === "/" || place === mountPoint || place.startsWith(`${mountPoint}/`),
    )
    .reduce<Mount | undefined>(
      (best, mount) => (best && best.mountPoint.length > mount.mountPoint.length ? best : mount),
      undefined,
    );
}

export function parseMountInfo(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ");
    const [, , , , mountPoint, options] = before?.split(" ") ?? [];
    const [type, , superOptions] = after?.split(" ") ?? [];
    if (mountPoint === undefined || options === undefined || type === undefined) return [];
    return [
      {
        mountPoint: unescapeOctal(mountPoint),
        type,
        options: new Set(`${options},${superOptions ?? ""}`.split(",")),
      },
    ];
  });
}

function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function readMountInfo(): string {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return "";
  }
}
