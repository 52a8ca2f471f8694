/** Changing copse.toml as its author would: what is not changed stays as it is, comments and layout included. */

export * from "./data.ts";
export * from "./edit-manifest.ts";
export * from "./packages.ts";
export * from "./templates.ts";
