/**
 * Store paths as people name them on a command line: the path itself, something inside of it, a file in the real
 * folder of the store, or a link such as `result` that leads there in one or more steps.
 */
import { lstatSync, readlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CopseError } from "#base";
import { parseStorePath, type StorePath, storePathOf } from "#format";
import type { StorePlace } from "#store";

export interface NamedPath {
  readonly path: StorePath;
  /** What follows the store path: "" or beginning with a slash. */
  readonly rest: string;
}

/** As many links as Linux itself follows. */
const MAX_LINKS = 40;

/** Throws CopseError `store-path-outside` for what does not lead into the store. */
export function namedPath(place: StorePlace, text: string, cwd: string): NamedPath {
  let current = resolve(cwd, text);
  for (let links = 0; links < MAX_LINKS; links++) {
    const inside = insideStore(place, current);
    if (inside !== undefined) return inside;
    if (lstatSync(current, { throwIfNoEntry: false })?.isSymbolicLink() !== true) break;
    current = resolve(dirname(current), readlinkSync(current));
  }
  // A name that is in the store but cannot be a store path says itself what is wrong with it.
  if (current.startsWith(`${place.storeDir}/`)) parseStorePath(topOf(place, current));
  throw new CopseError("store-path-outside", `path ${JSON.stringify(current)} is not in the Nix store`, {
    hint: `name a path below ${place.storeDir}, or a link that leads there, such as result`,
  });
}

function topOf(place: StorePlace, path: string): string {
  const slash = path.indexOf("/", place.storeDir.length + 1);
  return slash < 0 ? path : path.slice(0, slash);
}

/** The store path that a logical or real path is or lies in, without following links. */
export function insideStore(place: StorePlace, path: string): NamedPath | undefined {
  const real = `${place.realStoreDir}/`;
  const logical = path.startsWith(real) ? `${place.storeDir}/${path.slice(real.length)}` : path;
  return storePathOf(logical);
}
