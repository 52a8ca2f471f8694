/** Entering roots, running builders apart from the machine, and what the machine allows of it. */
export * from "./accounts.ts";
export * from "./build-sandbox.ts";
export * from "./entry.ts";
export * from "./environment.ts";
export * from "./host-programs.ts";
export * from "./probe.ts";
