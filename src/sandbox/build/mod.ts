/** Running builders apart from the machine. Start with sandbox.ts. */
export { type InPlaceSpec, runInPlace } from "./in-place.ts";
export { runSandboxed } from "./sandbox.ts";
export * from "./spec.ts";
