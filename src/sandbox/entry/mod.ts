/** Entering, apart from the rest of `sandbox`: for a warm start. */
export * from "../entry.ts";
export * from "../environment.ts";
