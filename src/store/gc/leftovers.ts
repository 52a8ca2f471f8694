/**
 * What a collection sweeps up beside the paths: directories of unfinished files whose process is gone, files in
 * `.links` that nothing shares any more, views of roots that are gone, and the lock files of copse's own builds.
 */
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { byteStringFromText } from "#base";
import { isStorePath, STORE_DIR } from "#format";
import { tryLockDescriptor } from "../locks/flock.ts";
import type { StoreContext } from "../store-context.ts";
import { removeTree } from "../trees/place-tree.ts";

/** A view or a lock that is being made is younger; no process that lives longer has left one unfinished. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

const UNITS = ["KiB", "MiB", "GiB", "TiB"];

export interface LeftoverOptions {
  /** The whole store is collected, not some paths. */
  readonly isWhole: boolean;
  readonly say: (text: string) => void;
}

/** Returns the bytes freed. */
export function removeLeftovers(context: StoreContext, options: LeftoverOptions): number {
  let bytes = 0;
  if (options.isWhole) {
    for (const { freed } of removeAbandonedTemporaries(context)) bytes += freed;
    bytes += removeViews(context);
  }
  removeUnusedLinks(context, options.say);
  return bytes;
}

/**
 * Directories `tmp-…` in the store that nobody has locked: see store-context.ts. C++ Nix names and locks its own in
 * the same way, so this is for both.
 */
export function removeAbandonedTemporaries(context: StoreContext): { path: string; freed: number }[] {
  const { realStoreDir } = context.place;
  const removed: { path: string; freed: number }[] = [];
  for (const name of readdirSync(realStoreDir)) {
    if (!name.startsWith("tmp-")) continue;
    const path = `${realStoreDir}/${name}`;
    const fd = openDirectory(path);
    if (fd === undefined) continue;
    try {
      if (tryLockDescriptor(fd, path)) removed.push({ path, freed: removeTree(byteStringFromText(path)) });
    } finally {
      closeSync(fd);
    }
  }
  return removed;
}

/** Views are hard links to files of the store: they go when their root does, or the files would stay. */
function removeViews({ place, db }: StoreContext): number {
  const directory = `${place.copseDir}/views`;
  let bytes = 0;
  for (const name of list(directory)) {
    const view = `${directory}/${name}`;
    const path = `${STORE_DIR}/${name}`;
    if (isStorePath(path) ? db.isValid(path) : !isAbandoned(view, name)) continue;
    // A view that has its name is complete, so the name goes first.
    const doomed = name.includes(".removing-") ? view : `${view}.removing-${process.pid}`;
    if (doomed !== view) renameSync(view, doomed);
    bytes += removeTree(byteStringFromText(doomed));
  }
  return bytes;
}

function isAbandoned(view: string, name: string): boolean {
  if (name.includes(".removing-")) return true;
  if (!name.startsWith(".making-")) return false;
  const info = lstatSync(view, { throwIfNoEntry: false });
  return info !== undefined && Date.now() - info.ctimeMs > ABANDONED_AFTER_MS;
}

/**
 * A file in `.links` with one link left is shared by nothing. Who is about to share it finds it gone and makes it
 * anew (see ../optimise).
 */
function removeUnusedLinks({ place }: StoreContext, say: (text: string) => void): void {
  const directory = `${place.realStoreDir}/.links`;
  say("deleting unused links...");
  let savedBytes = 0;
  for (const name of list(directory)) {
    const link = `${directory}/${name}`;
    const info = lstatSync(link, { throwIfNoEntry: false });
    if (info === undefined) continue;
    if (info.nlink === 1) unlinkSync(link);
    // The link itself and one user are what there would be without sharing.
    else savedBytes += (info.nlink - 2) * info.size;
  }
  const overhead = statSync(directory, { throwIfNoEntry: false })?.blocks ?? 0;
  say(`note: hard linking is currently saving ${formatSize(savedBytes - overhead * 512)}`);
}

/** As Nix writes sizes: in KiB at least, with one digit behind the point. */
function formatSize(bytes: number): string {
  let value = bytes / 1024;
  let unit = 0;
  for (; Math.abs(value) >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${value.toFixed(1)} ${UNITS[unit]}`;
}

function openDirectory(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return undefined;
    throw error;
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
