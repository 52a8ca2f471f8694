/** Zip archives, of which wheels are one kind: the directory at the end first, then any entry, in bounded memory. */
export * from "./archive.ts";
export { DEFAULT_ZIP_LIMITS, type ZipLimits } from "./directory.ts";
export type { ZipEntry } from "./entry.ts";
export { sourceOfBytes, type ZipSource } from "./source.ts";
