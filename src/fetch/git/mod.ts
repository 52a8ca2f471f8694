/** Trees of git repositories, by commit. */
export { type GitAddress, parseGitAddress } from "./address.ts";
export * from "./mirrored-tree.ts";
export { type GitCommit, GitRepositories, type GitRepositoriesOptions } from "./repositories.ts";
