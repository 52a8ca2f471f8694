/** What every folder may use: errors, places in source text, byte strings, bounded concurrency. */
export * from "./bytes.ts";
export * from "./concurrency.ts";
export * from "./errors.ts";
export * from "./experimental-feature.ts";
export * from "./installation.ts";
export * from "./nearest-names.ts";
export * from "./span.ts";
export * from "./thread.ts";
