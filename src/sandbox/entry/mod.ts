/** Entering, apart from the rest of `sandbox`: for a warm start. */
export * from "../entry.ts";
export * from "../entry-way.ts";
export * from "../environment.ts";
export * from "../host-files.ts";
export * from "../host-store.ts";
export * from "../inside-names.ts";
