/** For tests, here and in other folders: the outside judges, and random values from a seed. */

export * from "./damage.ts";
export * from "./judges.ts";
export * from "./random.ts";
