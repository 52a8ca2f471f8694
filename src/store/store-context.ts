/**
 * What the parts of a store share: its place, its database, time, and names for unfinished files.
 *
 * Unfinished files of a process are in one directory `tmp-…` in the store, which it keeps locked, as C++ Nix
 * does: one that is not locked was left by a process that is gone, and garbage collectors may remove it.
 */
import { closeSync, constants, existsSync, mkdtempSync, openSync, readdirSync } from "node:fs";
import { byteStringFromText } from "#base";
import { STORE_DIR } from "#format";
import type { Clock } from "#host";
import type { StoreDatabase } from "./database.ts";
import { lockDescriptor, tryLockDescriptor } from "./path-lock.ts";
import type { StorePlace } from "./place.ts";
import { removeTree } from "./place-tree.ts";

const TEMP_PREFIX = "tmp-copse-";

export class StoreContext {
  readonly place: StorePlace;
  readonly db: StoreDatabase;
  readonly #clock: Clock;
  #temp: { readonly directory: string; readonly fd: number } | undefined;
  #tempCount = 0;

  constructor(place: StorePlace, db: StoreDatabase, clock: Clock) {
    this.place = place;
    this.db = db;
    this.#clock = clock;
  }

  nowSeconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }

  realPath(path: string): string {
    return this.place.prefix === "" ? path : this.place.realStoreDir + path.slice(STORE_DIR.length);
  }

  /** A name where nothing is yet, in a directory of this process, on the store's own file system. */
  tempPath(): string {
    this.#temp ??= this.#makeTempDirectory();
    return `${this.#temp.directory}/${this.#tempCount++}`;
  }

  removeTemporaries(): void {
    if (this.#temp === undefined) return;
    removeTree(byteStringFromText(this.#temp.directory));
    closeSync(this.#temp.fd);
    this.#temp = undefined;
  }

  /** Removes what processes that are gone have left. Returns the directories. */
  removeAbandonedTemporaries(): string[] {
    const { realStoreDir } = this.place;
    const directories = readdirSync(realStoreDir)
      .filter((name) => name.startsWith(TEMP_PREFIX))
      .map((name) => `${realStoreDir}/${name}`);
    return directories.filter((directory) => {
      const fd = openDirectory(directory);
      if (fd === undefined) return false;
      try {
        if (!tryLockDescriptor(fd, directory)) return false;
        removeTree(byteStringFromText(directory));
        return true;
      } finally {
        closeSync(fd);
      }
    });
  }

  // Between making and locking it, another process may take it for abandoned; then it is not there any more.
  #makeTempDirectory(): { directory: string; fd: number } {
    for (;;) {
      const directory = mkdtempSync(`${this.place.realStoreDir}/${TEMP_PREFIX}${process.pid}-`);
      const fd = openDirectory(directory);
      if (fd === undefined) continue;
      lockDescriptor(fd, directory);
      if (existsSync(directory)) return { directory, fd };
      closeSync(fd);
    }
  }
}

function openDirectory(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
