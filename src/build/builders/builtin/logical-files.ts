/**
 * Paths as the programs of a store see them: links in it lead to where the store *says* it is, which need not be where
 * its files are. What lies outside of the store is not there.
 */
import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { posix } from "node:path";
import { STORE_DIR } from "#format";
import type { Store } from "#store";

/** What Linux allows. */
const MAX_LINKS = 40;

export interface LogicalFile {
  /** Without links. */
  readonly logical: string;
  readonly real: string;
}

export class LogicalFiles {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Follows all links; undefined where there is nothing. */
  resolve(path: string): LogicalFile | undefined {
    let resolved = STORE_DIR;
    let left = this.#partsBelowStore(path);
    for (let links = 0; left; ) {
      const part = left.shift();
      if (part === undefined) return this.#at(resolved);
      const next = `${resolved}/${part}`;
      const info = statIfThere(this.#store.realPath(next));
      if (!info) return undefined;
      if (!info.isSymbolicLink()) {
        resolved = next;
        continue;
      }
      if (++links > MAX_LINKS) return undefined;
      const target = posix.resolve(resolved, readlinkSync(this.#store.realPath(next)));
      left = this.#partsBelowStore(posix.join(target, ...left));
      resolved = STORE_DIR;
    }
    return undefined;
  }

  #at(logical: string): LogicalFile | undefined {
    return logical === STORE_DIR ? undefined : { logical, real: this.#store.realPath(logical) };
  }

  #partsBelowStore(path: string): string[] | undefined {
    const normal = posix.normalize(path).replace(/\/$/, "");
    if (!normal.startsWith(`${STORE_DIR}/`)) return undefined;
    return normal.slice(STORE_DIR.length + 1).split("/");
  }
}

function statIfThere(real: string): Stats | undefined {
  try {
    return lstatSync(real, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}
