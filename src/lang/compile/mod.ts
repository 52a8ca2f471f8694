/** Syntax trees to JavaScript, and running it. */
export type { UnitOptions } from "./frame.ts";
export { forEachChild } from "./free-names.ts";
export { createLinkage, createUnitLinkage } from "./linkage.ts";
export * from "./script.ts";
export { notedSites } from "./sites.ts";
export * from "./trace.ts";
export { compileUnit } from "./unit.ts";
