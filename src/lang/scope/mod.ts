/** What each name in a syntax tree refers to. */
export { type GlobalNames, type ResolveOptions, resolve } from "./resolve.ts";
