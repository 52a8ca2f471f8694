/** Which Pythons there are. A light face: what reads copse.toml needs it, and none of what resolves. */
export * from "./debian-pythons.ts";
export * from "./wanted-python.ts";
