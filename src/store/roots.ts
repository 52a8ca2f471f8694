/**
 * Roots: what must be kept. As in C++ Nix, a root is a symbolic link somewhere below `gcroots` or `profiles`
 * that leads to a store path, and an *indirect* root is one below `gcroots/auto` that leads to a link of the
 * user's, such as `result`: when the user removes that, the root is gone with it.
 *
 * Links below `gcroots` name logical paths. `result` names the real one, because the user follows it; where
 * the two differ, C++ Nix does not take such a link for a root.
 */
import { lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CopseError } from "#base";
import { encodeNix32, hashBytes, type StorePath, storePathOf } from "#format";
import type { StorePlace } from "./place.ts";
import { removeTree } from "./place-tree.ts";
import type { StoreContext } from "./store-context.ts";

/** A name below `gcroots/copse`; an existing root of that name is replaced. Returns the link. */
export function addRoot(context: StoreContext, name: string, path: StorePath): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new CopseError("store-root-name", `Invalid name for a root: \`${name}\``);
  }
  const link = `${context.place.stateDir}/gcroots/copse/${name}`;
  mkdirSync(dirname(link), { recursive: true });
  replaceLink(link, path);
  return link;
}

/**
 * Makes the user's link lead to a store path, and makes that link a root. Something else than a link into a
 * store at that place is not touched: throws CopseError `store-root-occupied`.
 */
export function addIndirectRoot(context: StoreContext, link: string, path: StorePath): void {
  const userLink = resolve(link);
  const existing = lstatSync(userLink, { throwIfNoEntry: false });
  if (existing !== undefined && !(existing.isSymbolicLink() && leadsIntoStore(readlinkSync(userLink)))) {
    throw new CopseError("store-root-occupied", `There is something else already: \`${userLink}\``);
  }
  replaceLink(userLink, context.realPath(path));
  // Named as C++ Nix names it, so that the same link is one root.
  const name = encodeNix32(hashBytes("sha1", Buffer.from(userLink)).digest);
  const directory = `${context.place.stateDir}/gcroots/auto`;
  // Not every Nix makes it before it is needed.
  mkdirSync(directory, { recursive: true });
  replaceLink(`${directory}/${name}`, userLink);
}

/** Store paths that are roots, each with the links that make it one. Links that lead nowhere are left out. */
export function findRoots(place: StorePlace): Map<StorePath, string[]> {
  const roots = new Map<StorePath, string[]>();
  for (const top of [`${place.stateDir}/gcroots`, `${place.stateDir}/profiles`]) {
    for (const link of linksBelow(top)) {
      const root = rootOf(place, link);
      if (root === undefined) continue;
      const links = roots.get(root.path);
      if (links) links.push(root.link);
      else roots.set(root.path, [root.link]);
    }
  }
  return roots;
}

function* linksBelow(directory: string): Generator<string> {
  let entries: ReturnType<typeof readDirectory>;
  try {
    entries = readDirectory(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  for (const entry of entries) {
    if (entry.isDirectory()) yield* linksBelow(`${directory}/${entry.name}`);
    else if (entry.isSymbolicLink()) yield `${directory}/${entry.name}`;
  }
}

function readDirectory(directory: string) {
  return readdirSync(directory, { withFileTypes: true });
}

function rootOf(place: StorePlace, link: string): { path: StorePath; link: string } | undefined {
  const target = resolve(dirname(link), readlinkSync(link));
  const direct = logicalPath(place, target);
  if (direct !== undefined) return { path: direct, link };
  if (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
  const indirect = logicalPath(place, resolve(dirname(target), readlinkSync(target)));
  return indirect && { path: indirect, link: target };
}

function logicalPath(place: StorePlace, target: string): StorePath | undefined {
  const real = `${place.realStoreDir}/`;
  const logical = target.startsWith(real) ? `${place.storeDir}/${target.slice(real.length)}` : target;
  return storePathOf(logical)?.path;
}

function leadsIntoStore(target: string): boolean {
  return /\/nix\/store\/[^/]+/.test(target);
}

function replaceLink(link: string, target: string): void {
  const temporary = `${link}.tmp-${process.pid}`;
  removeTree(temporary);
  symlinkSync(target, temporary);
  renameSync(temporary, link);
}
