/** Opening a store: making what is missing there, and saying clearly why it cannot be used. */
import { CopseError } from "#base";
import { type Clock, fileError, nodeClock } from "#host";
import { createLayout, openDatabase } from "./db/open-database.ts";
import { checkOverlayMount } from "./overlay/check-mount.ts";
import { Overlay } from "./overlay/overlay.ts";
import { OverlayDatabase } from "./overlay/overlay-database.ts";
import { isUsable, type OverlayPlace, type StorePlace } from "./place/store-place.ts";
import { DEFAULT_STORE_SETTINGS, type StoreSettings } from "./settings.ts";
import { Store } from "./store.ts";
import { StoreContext } from "./store-context.ts";

export interface OpenStoreOptions {
  readonly clock?: Clock;
  /** What is left out is Nix's default. */
  readonly settings?: Partial<StoreSettings> | undefined;
}

/**
 * Opens the store at a place, making there what is missing. Throws CopseError `store-unwritable`, `store-schema`,
 * `store-missing` (where nothing may be made), `disk-full`.
 */
export function openStore(place: StorePlace, options: OpenStoreOptions = {}): Store {
  const settings = { ...DEFAULT_STORE_SETTINGS, ...options.settings };
  try {
    if (!place.readOnly && !isUsable(place)) createLayout(place);
    const clock = options.clock ?? nodeClock;
    if (place.overlay !== undefined) return openOverlay({ place, settings, clock }, place.overlay);
    const db = openDatabase(place, settings);
    return new Store(new StoreContext({ place, db, settings, clock }));
  } catch (error) {
    throw openError(place, error);
  }
}

function openOverlay(
  parts: { readonly place: StorePlace; readonly settings: StoreSettings; readonly clock: Clock },
  overlayPlace: OverlayPlace,
): Store {
  const { place, settings } = parts;
  const { realStoreDir } = place;
  if (!overlayPlace.lower.readOnly && !isUsable(overlayPlace.lower)) createLayout(overlayPlace.lower);
  if (overlayPlace.checkMount) checkOverlayMount(realStoreDir, overlayPlace);
  const lower = openDatabase(overlayPlace.lower, settings);
  const db = openDatabase(place, settings, (file) => new OverlayDatabase(file, lower));
  const overlay = new Overlay(overlayPlace, { realStoreDir, lower });
  return new Store(new StoreContext({ ...parts, db, overlay }));
}

function openError(place: StorePlace, error: unknown): unknown {
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const where = path ?? place.stateDir;
  // On a read-only file system, Node's recursive mkdir fails as if something were missing.
  const isRefusedMkdir = code === "ENOENT" && syscall === "mkdir";
  const isRefused = code === "EACCES" || code === "EPERM" || code === "EROFS" || isRefusedMkdir;
  if (!isRefused && code !== "store-unwritable") return fileError(error, where);
  return new CopseError("store-unwritable", `Store may not be written: \`${where}\``, {
    hint: "This command may have been run as non-root in a single-user Nix installation. To read that store, use --store 'local?read-only=true'; for one of your own, --store DIRECTORY",
    cause: error,
  });
}
