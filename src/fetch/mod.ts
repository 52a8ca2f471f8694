/** Files by hash from the outside, and where the machine's owner has configured them to come from. */
export * from "./apt/archive-paths.ts";
export * from "./apt/archives.ts";
export * from "./apt/auth.ts";
export * from "./apt/conf.ts";
export type { AptConfSource } from "./apt/conf-text.ts";
export * from "./apt/configuration.ts";
export * from "./apt/files.ts";
export * from "./apt/sources.ts";
export {
  type Bridge,
  type BridgeOptions,
  createBridge,
  type ServiceContext,
  type ServiceFactory,
  type ServiceMethods,
} from "./bridge.ts";
export * from "./cache-directory.ts";
export * from "./cpython/archive.ts";
export * from "./cran/mod.ts";
export * from "./download.ts";
export * from "./file-hash.ts";
export * from "./http.ts";
export * from "./http-cache/mod.ts";
export * from "./netrc.ts";
export * from "./offline.ts";
export * from "./open-downloader.ts";
export { type Pace, paced } from "./pace.ts";
export * from "./pip/mod.ts";
export * from "./proxy.ts";
export * from "./sources/config-file.ts";
export * from "./sources/dated.ts";
export { StatusError } from "./transfer.ts";
