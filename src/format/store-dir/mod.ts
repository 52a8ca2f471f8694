/** The logical store directory, apart from the rest of `format`: for a warm start. */
export const STORE_DIR = "/nix/store";
