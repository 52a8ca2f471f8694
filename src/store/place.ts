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
 * An empty prefix means that real and logical paths are the same.
 */
import { accessSync, constants, readFileSync } from "node:fs";
import { CopseError } from "#base";
import { STORE_DIR } from "#format/store-dir";

export interface StorePlace {
  /** "" for the system's own `/nix/store`, else an absolute directory. */
  readonly prefix: string;
  /** Always `/nix/store`. */
  readonly storeDir: string;
  readonly realStoreDir: string;
  readonly stateDir: string;
  readonly logDir: string;
  readonly copseDir: string;
}

export const SCHEMA_VERSION = "10";

export function storePlace(prefix: string): StorePlace {
  return {
    prefix,
    storeDir: STORE_DIR,
    realStoreDir: `${prefix}${STORE_DIR}`,
    stateDir: `${prefix}/nix/var/nix`,
    logDir: `${prefix}/nix/var/log/nix`,
    copseDir: `${prefix}/nix/var/copse`,
  };
}

/**
 * `$COPSE_STORE` where set; else `/nix` where this user can write both its store and its database; else the
 * user's own `${XDG_DATA_HOME:-~/.local/share}/copse`. Never makes `/nix`: that is only done when asked.
 */
export function locateStore(env: Readonly<Record<string, string | undefined>>): StorePlace {
  const chosen = env["COPSE_STORE"];
  if (chosen !== undefined && chosen !== "") return storePlace(absolutePrefix("COPSE_STORE", chosen));
  const system = storePlace("");
  if (isUsable(system)) return system;
  const data = env["XDG_DATA_HOME"];
  // The XDG specification has a relative XDG_DATA_HOME ignored.
  if (data?.startsWith("/")) return storePlace(absolutePrefix("XDG_DATA_HOME", `${data}/copse`));
  const home = env["HOME"];
  if (home === undefined || home === "") {
    throw new CopseError(
      "store-nowhere",
      "No place for the store: neither `/nix/store` nor `$HOME` can be used",
      {
        hint: "set COPSE_STORE to a directory on a local disk",
      },
    );
  }
  return storePlace(absolutePrefix("HOME", `${home}/.local/share/copse`));
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

function absolutePrefix(variable: string, path: string): string {
  const prefix = path.replace(/\/+$/, "");
  if (prefix.startsWith("/") || path === "/") return prefix;
  throw new CopseError("store-place-relative", `${variable} must be an absolute path: \`${path}\``);
}
