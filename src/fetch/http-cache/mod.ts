/** Answers of HTTP servers, kept on disk. */
export { ACCEPT_ENCODING, readAnswer } from "./answer-body.ts";
export { CacheFiles } from "./cache-files.ts";
export * from "./freshness.ts";
export * from "./http-cache.ts";
