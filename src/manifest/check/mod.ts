/** Whether a copse.toml makes sense as a whole. Loaded only before something is made of it. */
export { checkManifest } from "./check.ts";
