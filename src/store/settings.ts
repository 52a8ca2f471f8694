/**
 * What a store wants to know of Nix's settings, under Nix's names, so that the settings of a command can be handed
 * on as they are. Sizes are bytes, times are seconds.
 */
export interface StoreSettings {
  /** Keep the outputs of derivations that are kept. */
  readonly "keep-outputs": boolean;
  /** Keep the derivations of outputs that are kept. */
  readonly "keep-derivations": boolean;
  /** Collect garbage while building when less than this is free, until `max-free` is. 0: never. */
  readonly "min-free": number;
  readonly "max-free": number;
  readonly "min-free-check-interval": number;
  /** Files of equal contents that are added become one. */
  readonly "auto-optimise-store": boolean;
  /** Where SQLite's write-ahead log does not work, as on network file systems, it is not used either way. */
  readonly "use-sqlite-wal": boolean;
  readonly "fsync-metadata": boolean;
  readonly "fsync-store-paths": boolean;
  /** Given back before collecting, so that a full disk can be cleared. */
  readonly "gc-reserved-space": number;
  /** Of these the store knows `ca-derivations`: it remembers what floating outputs came to be. */
  readonly "experimental-features": readonly string[];
}

/** Nix's own defaults. */
export const DEFAULT_STORE_SETTINGS: StoreSettings = {
  "keep-outputs": false,
  "keep-derivations": true,
  "min-free": 0,
  "max-free": Number.MAX_SAFE_INTEGER,
  "min-free-check-interval": 5,
  "auto-optimise-store": false,
  "use-sqlite-wal": true,
  "fsync-metadata": true,
  "fsync-store-paths": false,
  "gc-reserved-space": 8 * 1024 * 1024,
  "experimental-features": [],
};
