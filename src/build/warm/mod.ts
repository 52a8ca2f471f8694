/** What a warm start needs, apart from the rest of `build` so that it loads in a few milliseconds. */
export * from "./environment.ts";
export * from "./evaluation-key.ts";
export * from "./fingerprint.ts";
export * from "./reads.ts";
export * from "./record.ts";
export * from "./records.ts";
