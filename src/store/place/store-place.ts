/**
 * Where a store lies. Paths are *logical*: `/nix/store/…` in the database, in derivations, in references,
 * whatever directory really holds the files. The layout below a prefix is the one that C++ Nix calls a
 * chroot store, so `nix-store --store <prefix>` works on it:
 *
 *     <prefix>/nix/store                the paths
 *     <prefix>/nix/var/nix/db           the database
 *     <prefix>/nix/var/nix/gcroots      what must be kept
 *     <prefix>/nix/var/nix/profiles
 *     <prefix>/nix/var/log/nix/drvs     build logs
 *     <prefix>/nix/var/copse            what copse alone knows: views of roots, caches
 *
 * An empty prefix means that real and logical paths are the same. A place is plain data: threads are sent it.
 */
import { accessSync, constants, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { STORE_DIR } from "#format/store-dir";

export interface StorePlace {
  /** As Nix writes it: `local`, `local:///data/store`. What `locateStore` reads again. */
  readonly uri: string;
  /** "" where paths really are where their names say, else the directory that the store is below. */
  readonly prefix: string;
  /** STORE_DIR: what names begin with. */
  readonly storeDir: string;
  /** Where the files are. */
  readonly realStoreDir: string;
  readonly stateDir: string;
  readonly logDir: string;
  readonly copseDir: string;
  /** Nothing may be written: the database is opened immutable, and no lock is taken. */
  readonly readOnly: boolean;
  /** Made when opened and removed when closed: `dummy://`. */
  readonly isScratch: boolean;
  readonly overlay?: OverlayPlace | undefined;
}

/** A store over another one: see ../overlay. */
export interface OverlayPlace {
  readonly lower: StorePlace;
  /** The upper directory of the overlay file system that is mounted at `realStoreDir`. */
  readonly upperLayer: string;
  /** Look whether that file system is mounted so. */
  readonly checkMount: boolean;
  /** A program to run after the upper directory was changed beside the mount. */
  readonly remountHook: string | undefined;
}

/** What can be said of a store's directories; the rest follows from the prefix. */
export interface StorePlaceParts {
  readonly uri?: string;
  readonly realStoreDir?: string | undefined;
  readonly stateDir?: string | undefined;
  readonly logDir?: string | undefined;
  readonly readOnly?: boolean;
  readonly isScratch?: boolean;
  readonly overlay?: OverlayPlace | undefined;
}

export const SCHEMA_VERSION = "10";

export function storePlace(prefix: string, parts: StorePlaceParts = {}): StorePlace {
  const realStoreDir = parts.realStoreDir ?? (prefix === "" ? STORE_DIR : `${prefix}/nix/store`);
  const stateDir = parts.stateDir ?? `${prefix}/nix/var/nix`;
  return {
    uri: parts.uri ?? (prefix === "" ? "local" : `local://${prefix}`),
    prefix: realStoreDir === STORE_DIR ? "" : prefix || dirname(realStoreDir),
    storeDir: STORE_DIR,
    realStoreDir,
    stateDir,
    logDir: parts.logDir ?? `${prefix}/nix/var/log/nix`,
    copseDir: `${dirname(stateDir)}/copse`,
    readOnly: parts.readOnly ?? false,
    isScratch: parts.isScratch ?? false,
    overlay: parts.overlay,
  };
}

/** Whether there is a store with a database that this user can write. */
export function isUsable(place: StorePlace): boolean {
  try {
    accessSync(place.realStoreDir, constants.W_OK | constants.X_OK);
    accessSync(`${place.stateDir}/db`, constants.W_OK | constants.X_OK);
    accessSync(`${place.stateDir}/db/db.sqlite`, constants.R_OK | constants.W_OK);
    return readFileSync(`${place.stateDir}/db/schema`, "latin1").trim() === SCHEMA_VERSION;
  } catch {
    // Whatever the reason is, missing files or missing rights: it cannot be used.
    return false;
  }
}
