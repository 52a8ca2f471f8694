/** For tests: zip archives. */
export * from "./make-zip.ts";
