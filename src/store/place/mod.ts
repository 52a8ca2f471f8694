/** Where the store lies, apart from the rest of `store`: for a warm start. */
export * from "../place.ts";
