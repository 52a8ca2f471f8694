/**
 * The reserve: a file of some megabytes beside the database that is worth nothing. On a full disk SQLite cannot write
 * what makes a path invalid, so nothing could be collected just when it is needed most. As in C++ Nix, a collection
 * gives this file up first, and it is made again when there is room.
 */
import { closeSync, openSync, statSync, unlinkSync, writeSync } from "node:fs";

const BLOCK = Buffer.alloc(1 << 20, "X");

/** Makes or mends it. A disk that is too full for it is no error: then it is what it exists for. */
export function makeReserve(databaseDir: string, sizeBytes: number): void {
  const file = `${databaseDir}/reserved`;
  if (statSync(file, { throwIfNoEntry: false })?.size === sizeBytes) return;
  try {
    const fd = openSync(file, "w", 0o600);
    try {
      // Written, not seeked: a hole would reserve nothing.
      for (let rest = sizeBytes; rest > 0; ) rest -= writeSync(fd, BLOCK, 0, Math.min(rest, BLOCK.length));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT") freeReserve(databaseDir);
    else if (code !== "EACCES" && code !== "EROFS") throw error;
  }
}

export function freeReserve(databaseDir: string): void {
  try {
    unlinkSync(`${databaseDir}/reserved`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
