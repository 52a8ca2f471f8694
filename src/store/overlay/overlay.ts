/**
 * Removing from a store over another one. A path that the lower store has too must be removed in the upper directory
 * itself: removed through the mount, it would leave a mark there that hides the lower one. The kernel does not promise
 * to see such a change, so the mount has to be renewed afterwards, by a program that the store's URI names.
 */
import { spawnSync } from "node:child_process";
import { lstatSync } from "node:fs";
import { basename } from "node:path";
import { byteStringFromText, CopseError } from "#base";
import { isStorePath, STORE_DIR } from "#format";
import type { StoreDatabase } from "../db/database.ts";
import type { OverlayPlace } from "../place/store-place.ts";
import { removeTree } from "../trees/place-tree.ts";

export class Overlay {
  readonly #place: OverlayPlace;
  readonly #realStoreDir: string;
  readonly #lower: StoreDatabase;
  #isRemountNeeded = false;

  constructor(
    place: OverlayPlace,
    options: { readonly realStoreDir: string; readonly lower: StoreDatabase },
  ) {
    this.#place = place;
    this.#realStoreDir = options.realStoreDir;
    this.#lower = options.lower;
  }

  hasBelow(path: string): boolean {
    return isStorePath(path) && this.#lower.isValid(path);
  }

  /**
   * The bytes freed, where this is all that is to be done; undefined where the path is the upper store's own and can be
   * removed as in any store.
   */
  discard(realPath: string): number | undefined {
    const name = basename(realPath);
    const upper = `${this.#place.upperLayer}/${name}`;
    if (lstatSync(upper, { throwIfNoEntry: false }) === undefined) return 0;
    if (!this.hasBelow(`${STORE_DIR}/${name}`)) return undefined;
    this.#isRemountNeeded = true;
    return removeTree(byteStringFromText(upper));
  }

  /** Throws CopseError `store-overlay-remount`. Says what is to be done where no program was named. */
  remountWhereNeeded(say: (text: string) => void): void {
    if (!this.#isRemountNeeded) return;
    this.#isRemountNeeded = false;
    const { remountHook } = this.#place;
    if (remountHook === undefined) {
      say(`warning: "${this.#realStoreDir}" needs remounting, set remount-hook to do this automatically`);
      return;
    }
    const { status, error } = spawnSync(remountHook, [this.#realStoreDir], { stdio: ["ignore", 2, 2] });
    if (status === 0) return;
    throw new CopseError(
      "store-overlay-remount",
      `Overlay could not be mounted again by \`${remountHook}\``,
      {
        cause: error,
      },
    );
  }
}
