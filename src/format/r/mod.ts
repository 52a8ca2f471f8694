/** R's formats: DESCRIPTION and PACKAGES, version numbers, what packages demand of others. */
export * from "./dcf.ts";
export * from "./demand.ts";
export * from "./package-record.ts";
export * from "./version.ts";
