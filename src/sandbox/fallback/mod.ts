/** Ways into a root where a machine forbids namespaces. */
export * from "./choose.ts";
export * from "./entry-binds.ts";
export * from "./run-traced.ts";
export * from "./supervised.ts";
export * from "./tracer.ts";
