/** Where the cache lies, apart from the rest of `fetch`: for a warm start. */
export * from "../cache-directory.ts";
