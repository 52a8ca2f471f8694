/**
 * Roots: what must be kept. As in C++ Nix, a root is a symbolic link somewhere below `gcroots` or `profiles` that
 * leads to a store path, or a file there that is named as one. An *indirect* root is a link below `gcroots/auto` that
 * leads to a link of the user's, such as `result`: when the user removes that, the root is gone with it.
 *
 * Links below `gcroots` name logical paths. `result` names the real one, because the user follows it; where
 * the two differ, C++ Nix does not take such a link for a root.
 */
import { lstatSync, readdirSync, readlinkSync, unlinkSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { isStorePath, type StorePath, storePathOf } from "#format";
import type { StorePlace } from "../place/store-place.ts";
import { removeRootsOfLostProjects } from "./make-roots.ts";

interface Root {
  readonly path: StorePath;
  /** The link that is to be removed for the root to go. */
  readonly link: string;
}

/** Store paths that are roots, each with the links that make it one. Links that lead nowhere are left out. */
export function findRoots(place: StorePlace): Map<StorePath, string[]> {
  const roots = new Map<StorePath, string[]>();
  for (const top of [`${place.stateDir}/gcroots`, `${place.stateDir}/profiles`]) {
    for (const entry of entriesBelow(top)) {
      const root = entry.isLink ? rootOfLink(place, entry.path) : rootOfFile(place, entry.path);
      if (root === undefined) continue;
      const links = roots.get(root.path);
      if (links) links.push(root.link);
      else roots.set(root.path, [root.link]);
    }
  }
  return roots;
}

/** Removes indirect roots whose link is gone, and environments' roots whose project is. */
export function removeStaleRoots(place: StorePlace, say: (text: string) => void): void {
  for (const { path, isLink } of entriesBelow(`${place.stateDir}/gcroots/auto`)) {
    if (!isLink) continue;
    const target = resolve(dirname(path), readlinkSync(path));
    if (storePathOf(target) !== undefined || lstatSync(target, { throwIfNoEntry: false })) continue;
    say(`removing stale link from '${path}' to '${target}'`);
    unlinkSync(path);
  }
  for (const name of removeRootsOfLostProjects(place)) say(`removing root '${name}', its project is gone`);
}

function* entriesBelow(directory: string): Generator<{ readonly path: string; readonly isLink: boolean }> {
  for (const entry of readDirectory(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) yield* entriesBelow(path);
    else if (entry.isSymbolicLink()) yield { path, isLink: true };
    else if (entry.isFile()) yield { path, isLink: false };
  }
}

// What another user keeps to himself cannot be known here, nor in C++ Nix.
function readDirectory(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EACCES" || code === "ENOTDIR") return [];
    throw error;
  }
}

function rootOfFile(place: StorePlace, file: string): Root | undefined {
  const path = `${place.storeDir}/${basename(file)}`;
  return isStorePath(path) ? { path, link: file } : undefined;
}

function rootOfLink(place: StorePlace, link: string): Root | undefined {
  const target = readTarget(link);
  if (target === undefined) return undefined;
  const direct = logicalPath(place, target);
  if (direct !== undefined) return { path: direct, link };
  const second = readTarget(target);
  const indirect = second && logicalPath(place, second);
  return indirect ? { path: indirect, link: target } : undefined;
}

/** Undefined where there is no link, or none any more. */
function readTarget(link: string): string | undefined {
  try {
    return resolve(dirname(link), readlinkSync(link));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (["ENOENT", "EINVAL", "EACCES", "ENOTDIR", "ELOOP"].includes(code ?? "")) return undefined;
    throw error;
  }
}

function logicalPath(place: StorePlace, target: string): StorePath | undefined {
  const real = `${place.realStoreDir}/`;
  const logical = target.startsWith(real) ? `${place.storeDir}/${target.slice(real.length)}` : target;
  if (!logical.startsWith(`${place.storeDir}/`)) return undefined;
  return storePathOf(logical)?.path;
}
