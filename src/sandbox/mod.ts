/** Entering roots, running builders apart from the machine, and what the machine allows of it. */
export * from "./accounts.ts";
export * from "./build/mod.ts";
export * from "./entry.ts";
export * from "./entry-way.ts";
export * from "./environment.ts";
export * from "./facts/mounts.ts";
export * from "./facts/place-facts.ts";
export * from "./facts/probe.ts";
export * from "./host-programs.ts";
export * from "./inside-names.ts";
export * from "./process-status.ts";
