/** R's repositories: where its users have configured them, and where files of theirs are. */
export * from "./configuration.ts";
export * from "./repositories.ts";
