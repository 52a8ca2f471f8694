/** The temporary roots of all processes, read by a collector. Files of processes that are gone are removed. */
import { closeSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { isStorePath, type StorePath } from "#format";
import { tryLockDescriptor } from "../locks/flock.ts";
import type { StorePlace } from "../place/store-place.ts";

/** Each with the names of the files that hold it. Files that this user may not open are another's, and alive. */
export function readTempRoots(place: StorePlace): Map<StorePath, string[]> {
  const directory = `${place.stateDir}/temproots`;
  const roots = new Map<StorePath, string[]>();
  for (const name of listDirectory(directory)) {
    // Hidden files are put there by package managers to keep the directory.
    if (name.startsWith(".")) continue;
    for (const path of readLiveFile(`${directory}/${name}`)) {
      const names = roots.get(path);
      if (names) names.push(name);
      else roots.set(path, [name]);
    }
  }
  return roots;
}

function readLiveFile(file: string): StorePath[] {
  let fd: number;
  try {
    fd = openSync(file, "r+");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw error;
  }
  try {
    if (tryLockDescriptor(fd, file)) {
      unlinkSync(file);
      // Its process may be about to lock it; the byte tells it to take another.
      writeSync(fd, "d");
      return [];
    }
    // What stands behind the last NUL is being written.
    return readFileSync(fd, "latin1").split("\0").slice(0, -1).filter(isStorePath);
  } finally {
    closeSync(fd);
  }
}

function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
