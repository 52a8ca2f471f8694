/**
 * The logical store directory, apart from the rest of `format`: for a warm start.
 *
 * It is `/nix/store`, or what `NIX_STORE_DIR` says (or `NIX_STORE`, as inside of builds). Every store path begins with
 * it and it enters every path's digest, so it is a property of the process, as in C++ Nix: a program that spoke of
 * paths of two store directories could not tell which paths are its own. Threads inherit the environment, so they
 * agree.
 *
 * Where the files of a store really lie is another matter, and differs from store to store: see #store/place.
 */
import { posix } from "node:path";

export const DEFAULT_STORE_DIR = "/nix/store";

/** What the environment asks for, if anything: `locateStore` of #store/place refuses what cannot be used. */
export const CHOSEN_STORE_DIR: string | undefined =
  process.env["NIX_STORE_DIR"] || process.env["NIX_STORE"] || undefined;

/** Without a slash at the end. */
export const STORE_DIR: string = posix.resolve("/", CHOSEN_STORE_DIR ?? DEFAULT_STORE_DIR);
