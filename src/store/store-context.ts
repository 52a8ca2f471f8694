/**
 * What the parts of a store share: its place, its database, its settings, time, and names for unfinished files.
 *
 * Unfinished files of a process are in one directory `tmp-…` in the store, which it keeps locked, as C++ Nix
 * does: one that is not locked was left by a process that is gone, and garbage collectors may remove it.
 */
import { accessSync, closeSync, constants, existsSync, mkdtempSync, openSync } from "node:fs";
import { byteStringFromText, CopseError } from "#base";
import { STORE_DIR, type StorePath } from "#format";
import { type Clock, fileError } from "#host";
import type { StoreDatabase } from "./db/database.ts";
import { freeReserve, makeReserve } from "./db/reserve.ts";
import { TempRoots } from "./gc/temp-roots.ts";
import { lockDescriptor } from "./locks/flock.ts";
import { LockStock } from "./locks/lock-stock.ts";
import type { Overlay } from "./overlay/overlay.ts";
import type { StorePlace } from "./place/store-place.ts";
import type { StoreSettings } from "./settings.ts";
import { removeTree } from "./trees/place-tree.ts";

/** C++ Nix takes what begins with `tmp-` for such a directory. */
const TEMP_PREFIX = "tmp-copse-";

export interface StoreContextParts {
  readonly place: StorePlace;
  readonly db: StoreDatabase;
  readonly settings: StoreSettings;
  readonly clock: Clock;
  readonly overlay?: Overlay | undefined;
}

export class StoreContext {
  readonly place: StorePlace;
  readonly db: StoreDatabase;
  readonly settings: StoreSettings;
  readonly tempRoots: TempRoots;
  readonly lockStock = new LockStock(() => this.tempPath());
  /** Where the store lies over another one. */
  readonly overlay: Overlay | undefined;
  readonly #clock: Clock;
  #temp: { readonly directory: string; readonly fd: number } | undefined;
  #tempCount = 0;

  constructor({ place, db, settings, clock, overlay }: StoreContextParts) {
    this.overlay = overlay;
    this.place = place;
    this.db = db;
    this.settings = settings;
    this.tempRoots = new TempRoots(place);
    this.#clock = clock;
  }

  nowSeconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }

  realPath(path: string): string {
    return this.place.prefix === "" ? path : this.place.realStoreDir + path.slice(STORE_DIR.length);
  }

  /** The inverse: where a real path is in the store, what it is called there. Other paths come back unchanged. */
  logicalPath(path: string): string {
    const { realStoreDir } = this.place;
    return path.startsWith(`${realStoreDir}/`) ? STORE_DIR + path.slice(realStoreDir.length) : path;
  }

  /**
   * Keeps a path that is about to be made or used from collectors, until this process ends. Afterwards, and not
   * before, whether it is valid can be relied on.
   */
  protect(...paths: readonly StorePath[]): void {
    this.tempRoots.add(paths);
  }

  /** A name where nothing is yet, in a directory of this process, on the store's own file system. */
  tempPath(): string {
    this.requireWritable();
    this.#temp ??= this.#makeTempDirectory();
    return `${this.#temp.directory}/${this.#tempCount++}`;
  }

  /** Throws CopseError `store-read-only`. */
  requireWritable(): void {
    if (!this.place.readOnly) return;
    const isRefused = !isWritable(this.place.realStoreDir);
    const why = isRefused ? "Permission denied" : "attempt to write a readonly database";
    throw new CopseError(
      "store-read-only",
      `Store was opened to be read only, ${why}: \`${this.place.uri}\``,
      { hint: "leave out `read-only=true`, or use a store of your own: --store DIRECTORY" },
    );
  }

  removeTemporaries(): void {
    this.lockStock[Symbol.dispose]();
    if (this.#temp === undefined) return;
    removeTree(byteStringFromText(this.#temp.directory));
    closeSync(this.#temp.fd);
    this.#temp = undefined;
  }

  freeReserve(): void {
    freeReserve(`${this.place.stateDir}/db`);
  }

  restoreReserve(): void {
    makeReserve(`${this.place.stateDir}/db`, this.settings["gc-reserved-space"]);
  }

  // Between making and locking it, another process may take it for abandoned; then it is not there any more.
  #makeTempDirectory(): { directory: string; fd: number } {
    const { realStoreDir } = this.place;
    try {
      for (;;) {
        const directory = mkdtempSync(`${realStoreDir}/${TEMP_PREFIX}${process.pid}-`);
        const fd = openDirectory(directory);
        if (fd === undefined) continue;
        lockDescriptor(fd, directory);
        if (existsSync(directory)) return { directory, fd };
        closeSync(fd);
      }
    } catch (error) {
      throw fileError(error, realStoreDir);
    }
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
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
