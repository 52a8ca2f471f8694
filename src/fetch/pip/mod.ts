/** pip's configuration: where Python packages come from on this machine, and how those places are reached. */
export {
  type PipEnvironment,
  type PipItem,
  type PipItems,
  pipConfigFiles,
  readPipItems,
} from "./config-files.ts";
export * from "./configuration.ts";
export * from "./default-index.ts";
export { type FormatControl, type PipOptions, readPipOptions } from "./options.ts";
export { PipRoutes } from "./routes.ts";
export { type LoginUrl, parseLoginUrl } from "./url.ts";
