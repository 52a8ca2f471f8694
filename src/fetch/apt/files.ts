/**
 * What the readers of apt's configuration need of a file system: small files and directory listings, read at
 * once. Tests give a directory of their own as root.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { CopseError } from "#base";

export interface AptFiles {
  /** Undefined where no such file is, or where it may not be read. */
  read(path: string): Buffer | undefined;
  /** Names in a directory, sorted by byte; empty where there is none. */
  list(path: string): readonly string[];
}

/** A configuration or keyring larger than this is not one. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** `root` stands for `/`: paths stay absolute, as configuration files state them. */
export function openAptFiles(root = "/"): AptFiles {
  return {
    read(path) {
      const file = join(root, path);
      try {
        const info = statSync(file);
        if (!info.isFile()) return undefined;
        if (info.size > MAX_FILE_BYTES)
          throw new CopseError("apt-config-invalid", `File is too large: \`${file}\``);
        return readFileSync(file);
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    list(path) {
      try {
        return readdirSync(join(root, path)).sort();
      } catch (error) {
        if (isAbsent(error)) return [];
        throw error;
      }
    },
  };
}

// A file that this user may not read (auth.conf of another) is no reason to stop: apt itself, run by the
// same user, passes over it as well.
function isAbsent(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "EPERM";
}
