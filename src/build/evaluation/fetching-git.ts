/** The tree of a git commit, known by the hash of its NAR: fetched where the store does not have it yet. */
import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { byteStringFromText, isCopseError } from "#base";
import { cacheDirectory, loadSourcesConfiguration, openAptFiles } from "#fetch";
import { GIT_ARCHIVE, GitRepositories, mirroredTreeFile } from "#fetch/git";
import { type Hash, makeFixedOutputPath, type StorePath } from "#format";
import { restoreTree } from "#store";
import type { Fetching } from "./fetching.ts";

export interface WantedCommit {
  readonly name: string;
  readonly url: string;
  readonly commit: string;
  readonly hash: Hash;
}

/** @throws CopseError `git-…`, `hash-mismatch`. */
export async function fetchCommit(
  { store, downloader, env, signal }: Fetching,
  { name, url, commit, hash }: WantedCommit,
): Promise<StorePath> {
  const known = makeFixedOutputPath({ name, method: "nar", hash });
  if (store.isValid(known)) return known;
  const folder = store.tempPath();
  try {
    await mkdir(folder);
    if (!(await restoreMirrored({ env, downloader, signal }, hash, folder)))
      await new GitRepositories({ cacheDir: cacheDirectory(env), env }).checkOut(
        { url, commit },
        join(folder, "tree"),
        signal,
      );
    return store.addTree({ name, source: byteStringFromText(join(folder, "tree")), expectedHash: hash });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where a folder of `copse fetch` has the tree, it comes from there. Whether one has. */
async function restoreMirrored(
  { env, downloader, signal }: Pick<Fetching, "env" | "downloader" | "signal">,
  hash: Hash,
  folder: string,
): Promise<boolean> {
  const { mirrors } = loadSourcesConfiguration(openAptFiles(), env);
  const target = join(folder, "nar");
  const file = mirroredTreeFile(Buffer.from(hash.digest).toString("hex"));
  for (const mirror of mirrors) {
    try {
      await downloader.download({
        ...{ url: `${mirror}/${GIT_ARCHIVE}/${file}`, target, expectedHash: hash, signal },
      });
    } catch (error) {
      signal.throwIfAborted();
      // The repository may still have it, and says so itself where it has not.
      if (!isCopseError(error)) throw error;
      continue;
    }
    await restoreTree(createReadStream(target), byteStringFromText(join(folder, "tree")));
    return true;
  }
  return false;
}
