/**
 * All bytes that a lock names, kept in a folder: for machines without network, and for the day when no mirror has
 * them any more.
 *
 *     FOLDER/debian/pool/main/h/hello/hello_2.10-3_amd64.deb
 *     FOLDER/CRAN/src/contrib/lme4_1.1-31.tar.gz
 *     FOLDER/python/3.12.8/Python-3.12.8.tar.xz
 *     FOLDER/pypi/numpy/numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl
 *     FOLDER/git/(SHA-256).nar         the tree of a commit
 *
 * A file stands below its archive's name under its path in the archive. So the folder, on a disk or behind any plain
 * file server, is a mirror of all archives in it, and one folder serves many locks. What is there is checked by its
 * hash and left; what is missing or wrong is fetched.
 */
import { mkdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CopseError, mapConcurrently } from "#base";
import { archiveFileUrl, checkUri, fileHasSha256 } from "#fetch";
import { GIT_ARCHIVE, type GitCommit, type GitRepositories, mirroredTreeFile } from "#fetch/git";
import { parseHash } from "#format";
import { lockedCpythonFiles } from "./cpython/lock.ts";
import { lockedRFiles } from "./cran/locked-files.ts";
import type { DebianServices } from "./debian/archive/repository.ts";
import { fileUrls } from "./debian/resolve-debian.ts";
import type { Lock } from "./lock.ts";
import type { LockedFile } from "./lock-schema.ts";
import { lockedPythonFiles, lockedPythonTrees } from "./python/lock/locked-files.ts";

export interface KeepOptions {
  readonly lock: Lock;
  readonly folder: string;
  readonly services: DebianServices;
  /** Where the repositories are that expressions state, by name: the lock does not say. */
  readonly repositories: ReadonlyMap<string, readonly string[]>;
  readonly git: GitRepositories;
  readonly signal: AbortSignal;
  readonly onStart?: ((file: KeptFile) => void) | undefined;
  readonly onBytes?: ((file: KeptFile, bytes: number) => void) | undefined;
  readonly onFinish?: ((file: KeptFile) => void) | undefined;
}

export interface KeptFile extends Omit<LockedFile, "size"> {
  /** Not every index of Python packages tells. */
  readonly size?: number | undefined;
  readonly archive: string;
  readonly urls: readonly string[];
  /** Of the tree of a commit, which has no URL by itself. */
  readonly commit?: GitCommit | undefined;
}

export interface KeepReport {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  readonly downloaded: number;
  readonly downloadedBytes: number;
}

const AT_ONCE = 8;

/** Throws what fetching throws, after the files that could be had are there. */
export async function keepLocked(options: KeepOptions): Promise<KeepReport> {
  const { folder, signal } = options;
  const files = lockedFiles(options.lock, options.repositories);
  let downloaded = 0;
  let downloadedBytes = 0;
  await mapConcurrently(files, { limit: AT_ONCE, signal }, async (file, aborted) => {
    if (await isKept(folder, file)) return;
    options.onStart?.(file);
    if (file.commit) await fetchCommit(options, { ...file, commit: file.commit }, aborted);
    else await fetchFile(options, file, aborted);
    options.onFinish?.(file);
    downloaded++;
    downloadedBytes += file.size ?? 0;
  });
  const bytes = files.reduce((sum, { size = 0 }) => sum + size, 0);
  return { folder, files: files.length, bytes, downloaded, downloadedBytes };
}

/** Every file once, whichever sections of the lock name it. */
function lockedFiles(lock: Lock, repositories: ReadonlyMap<string, readonly string[]>): KeptFile[] {
  const all = new Map<string, KeptFile>();
  const add = (
    { file, size, sha256 }: Omit<KeptFile, "archive" | "urls">,
    archive: string,
    urls: readonly string[],
  ) => {
    const stated = (repositories.get(archive) ?? []).map(
      (uri) => archiveFileUrl(checkUri(uri, `the repository ${archive}`), file).href,
    );
    const key = `${archive}/${file}`;
    const before = all.get(key);
    if (before && before.sha256 !== sha256)
      throw new CopseError("lock-invalid", `Lock has two hashes for one file: \`${key}\``, {
        hint: "remove the lock and lock again",
      });
    all.set(key, { file, size, sha256, archive, urls: [...urls, ...stated] });
  };
  for (const { locked } of lock.suites()) {
    const urlsOf = fileUrls({}, locked.releases);
    for (const one of locked.packages) add(one, one.archive, urlsOf(one));
    for (const source of locked.sources ?? []) {
      const ofSource = fileUrls({}, [source]);
      for (const file of source.files)
        add(file, source.archive, ofSource({ archive: source.archive, file: file.file }));
    }
  }
  const ofCpython = lockedCpythonFiles(lock.cpython.data);
  for (const one of [...lockedRFiles(lock), ...lockedPythonFiles(lock), ...ofCpython])
    add(one, one.archive, one.urls);
  for (const { sha256, ...commit } of lockedPythonTrees(lock)) {
    const file = mirroredTreeFile(sha256);
    all.set(`${GIT_ARCHIVE}/${file}`, { file, sha256, archive: GIT_ARCHIVE, urls: [], commit });
  }
  return [...all.values()];
}

async function isKept(folder: string, file: KeptFile): Promise<boolean> {
  const path = join(folder, file.archive, file.file);
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile() || (file.size !== undefined && info.size !== file.size)) return false;
  return await fileHasSha256(path, file.sha256);
}

async function fetchCommit(
  options: KeepOptions,
  file: KeptFile & { readonly commit: GitCommit },
  signal: AbortSignal,
): Promise<void> {
  const target = join(options.folder, file.archive, file.file);
  try {
    await mkdir(dirname(target), { recursive: true });
  } catch (error) {
    throw unwritable(dirname(target), error);
  }
  await options.git.writeNar(file.commit, target, signal);
  if (await isKept(options.folder, file)) return;
  await rm(target);
  throw new CopseError(
    "hash-mismatch",
    `Tree of the commit ${file.commit.commit} is not the one that is locked: \`${file.commit.url}\``,
  );
}

async function fetchFile(options: KeepOptions, file: KeptFile, signal: AbortSignal): Promise<void> {
  const { folder, services } = options;
  const target = join(folder, file.archive, file.file);
  let failure: unknown;
  for (const url of file.urls) {
    let reported = 0;
    try {
      await services.downloader.download({
        ...{ url, target, signal },
        ...(file.size === undefined ? {} : { sizeBytes: file.size }),
        expectedHash: parseHash(file.sha256, "sha256"),
        onProgress({ bytes }) {
          options.onBytes?.(file, bytes - reported);
          reported = bytes;
        },
      });
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof CopseError)) throw unwritable(dirname(target), error);
      failure = error;
    }
  }
  throw failure;
}

function unwritable(folder: string, cause: unknown): unknown {
  const { code } = cause as { code?: unknown };
  if (typeof code !== "string") return cause;
  return new CopseError("folder-unwritable", `Folder cannot be written to (${code}): \`${folder}\``, {
    cause,
  });
}
