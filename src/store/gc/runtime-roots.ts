/**
 * Runtime roots: what running processes use. As in C++ Nix, everything in /proc that names a store path counts: the
 * program, the working directory, open files, mapped files, and any mention in the environment. Without the right to
 * look at a process, its roots stay unknown, there as here.
 *
 * A process in an environment of copse sees the store at its logical place, so its paths are logical; one that runs
 * outside uses the real ones. Both are looked for. Programs of a Debian root come from a view beside the store;
 * the variable COPSE_ROOT says of which root.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isStorePath, type StorePath, storePathOf } from "#format";
import type { StorePlace } from "../place/store-place.ts";

/** Each with where it was found. Not all are valid. */
export function findRuntimeRoots(place: StorePlace, procDir = "/proc"): Map<StorePath, Set<string>> {
  const roots = new Map<StorePath, Set<string>>();
  const add = (path: StorePath, where: string): void => {
    const places = roots.get(path);
    if (places) places.add(where);
    else roots.set(path, new Set([where]));
  };
  const addFile = (file: string, where: string): void => {
    const path = logicalPathOf(place, file);
    if (path !== undefined) add(path, where);
  };
  const mentioned = mentionPattern(place);
  for (const pid of list(procDir)) {
    if (!/^\d+$/.test(pid)) continue;
    const directory = `${procDir}/${pid}`;
    for (const link of ["exe", "cwd"]) addFile(readLink(`${directory}/${link}`), `${directory}/${link}`);
    for (const fd of list(`${directory}/fd`)) {
      addFile(readLink(`${directory}/fd/${fd}`), `${directory}/fd/${fd}`);
    }
    for (const file of mappedFiles(read(`${directory}/maps`))) addFile(file, `${directory}/maps`);
    const environment = read(`${directory}/environ`);
    for (const [mention] of environment.matchAll(mentioned)) addFile(mention, `${directory}/environ`);
    const root = /(?:^|\0)COPSE_ROOT=([^\0/]+)/.exec(environment)?.[1];
    if (root !== undefined) addFile(`${place.storeDir}/${root}`, `${directory}/environ`);
  }
  for (const name of ["modprobe", "fbsplash", "poweroff_cmd"]) {
    const file = `${procDir}/sys/kernel/${name}`;
    addFile(read(file).trim(), file);
  }
  return roots;
}

function mappedFiles(maps: string): Set<string> {
  const files = new Set<string>();
  for (const line of maps.split("\n")) {
    const start = line.indexOf(" /");
    if (start >= 0) files.add(line.slice(start + 1));
  }
  return files;
}

function mentionPattern(place: StorePlace): RegExp {
  const directories = [...new Set([place.storeDir, place.realStoreDir])].map((directory) =>
    directory.replace(/[.^$\\*+?()[\]{}|/-]/g, "\\$&"),
  );
  return new RegExp(`(?:${directories.join("|")})\\/[0-9a-z]+[0-9a-zA-Z+\\-._?=]*`, "g");
}

function logicalPathOf(place: StorePlace, file: string): StorePath | undefined {
  const real = `${place.realStoreDir}/`;
  const logical = file.startsWith(real) ? `${place.storeDir}/${file.slice(real.length)}` : file;
  if (!logical.startsWith(`${place.storeDir}/`)) return undefined;
  // The kernel says so of files that were removed.
  const path = logical.replace(/ \(deleted\)$/, "");
  return isStorePath(path) ? path : storePathOf(path)?.path;
}

// Processes end while they are looked at, and other users' are closed to us: then there is nothing to see.
function quiet<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (["ENOENT", "EACCES", "EPERM", "ESRCH", "EINVAL", "ENAMETOOLONG"].includes(code ?? ""))
      return otherwise;
    throw error;
  }
}

function list(directory: string): string[] {
  return quiet(() => readdirSync(directory), []);
}

function readLink(file: string): string {
  return quiet(() => readlinkSync(file), "");
}

function read(file: string): string {
  return quiet(() => readFileSync(file, "latin1"), "");
}
