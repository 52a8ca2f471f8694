/** The tree of a git commit, known by the hash of its NAR: fetched where the store does not have it yet. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { byteStringFromText } from "#base";
import { cacheDirectory } from "#fetch";
import { GitRepositories } from "#fetch/git";
import { type Hash, makeFixedOutputPath, type StorePath } from "#format";
import type { Fetching } from "./fetching.ts";

export interface WantedCommit {
  readonly name: string;
  readonly url: string;
  readonly commit: string;
  readonly hash: Hash;
}

/** @throws CopseError `git-…`, `hash-mismatch`. */
export async function fetchCommit(
  { store, env, signal }: Fetching,
  { name, url, commit, hash }: WantedCommit,
): Promise<StorePath> {
  const known = makeFixedOutputPath({ name, method: "nar", hash });
  if (store.isValid(known)) return known;
  const git = new GitRepositories({ cacheDir: cacheDirectory(env), env });
  const folder = store.tempPath();
  try {
    await mkdir(folder);
    await git.checkOut({ url, commit }, join(folder, "tree"), signal);
    return store.addTree({ name, source: byteStringFromText(join(folder, "tree")), expectedHash: hash });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
