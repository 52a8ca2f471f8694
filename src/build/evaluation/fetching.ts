/**
 * Fetching while evaluating: `builtins.fetchurl`, `fetchTarball`, and of `fetchTree` the kinds `path`, `file` and
 * `tarball`. It runs in the service thread. What comes is added to the store by its contents; where the hash is known
 * and the path is there, nothing is fetched.
 */
import { createReadStream } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { byteStringFromText, CopseError } from "#base";
import type { Downloader } from "#fetch";
import { type Hash, makeFixedOutputPath, parseHash, type StorePath } from "#format";
import type { FetchRequest } from "#lang";
import type { Store } from "#store";
import { unpackArchive } from "../builders/builtin/archive-tree.ts";

export interface Fetching {
  readonly store: Store;
  readonly downloader: Downloader;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** As much as one file or archive may have. */
const MAX_BYTES = 16 * 2 ** 30;

/** @throws CopseError `fetch-unsupported`, `hash-mismatch`, what downloading and unpacking throw. */
export async function fetchForEvaluation(fetching: Fetching, request: FetchRequest): Promise<StorePath> {
  const { name, args } = request;
  switch (request.method) {
    case "url":
      return await fetchFile(fetching, { name, url: String(args["url"]), hash: request.expectedHash });
    case "tarball":
      return await fetchArchive(fetching, { name, url: String(args["url"]), hash: request.expectedHash });
    case "tree":
      return await fetchTree(fetching, request);
    case "git": {
      if (!request.expectedHash) throw unsupported("fetchGit");
      const { fetchCommit } = await import("./fetching-git.ts");
      return await fetchCommit(fetching, {
        ...{ name, url: String(args["url"]), commit: String(args["rev"]) },
        hash: request.expectedHash,
      });
    }
  }
}

interface Wanted {
  readonly name: string;
  readonly url: string;
  readonly hash: Hash | undefined;
}

async function fetchFile(fetching: Fetching, { name, url, hash }: Wanted): Promise<StorePath> {
  const { store, downloader, signal } = fetching;
  const known = hash && makeFixedOutputPath({ name, method: "flat", hash });
  if (known && store.isValid(known)) return known;
  const target = store.tempPath();
  try {
    await downloader.download({ url, target, maxBytes: MAX_BYTES, signal });
    return store.addTree({
      name,
      source: byteStringFromText(target),
      method: "flat",
      ...(hash && { expectedHash: hash }),
    });
  } finally {
    await rm(target, { force: true });
  }
}

/** An archive's one folder is what counts; its own name does not. */
async function fetchArchive(fetching: Fetching, { name, url, hash }: Wanted): Promise<StorePath> {
  const { store, downloader, signal } = fetching;
  const known = hash && makeFixedOutputPath({ name, method: "nar", hash });
  if (known && store.isValid(known)) return known;
  const folder = store.tempPath();
  try {
    await mkdir(folder);
    const archive = join(folder, "archive");
    await downloader.download({ url, target: archive, maxBytes: MAX_BYTES, signal });
    const tree = join(folder, "tree");
    await mkdir(tree);
    await unpackArchive({ source: createReadStream(archive), target: byteStringFromText(tree), signal });
    const [top, another] = await readdir(tree);
    if (top === undefined || another !== undefined) {
      throw new CopseError(
        "archive-top-level",
        `tarball '${url}' contains an unexpected number of top-level files`,
        { hint: "an archive must have one folder at its top" },
      );
    }
    return store.addTree({
      name,
      source: byteStringFromText(join(tree, top)),
      ...(hash && { expectedHash: hash }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchTree(fetching: Fetching, { args, expectedHash }: FetchRequest): Promise<StorePath> {
  const narHash = args["narHash"];
  const hash = expectedHash ?? (typeof narHash === "string" ? parseHash(narHash, "sha256") : undefined);
  const name = typeof args["name"] === "string" ? args["name"] : "source";
  switch (args["type"]) {
    case "path":
      return fetching.store.addTree({
        name,
        source: byteStringFromText(String(args["path"])),
        ...(hash && { expectedHash: hash }),
      });
    case "tarball":
      return await fetchArchive(fetching, { name, url: String(args["url"]), hash });
    default:
      throw unsupported(`fetchTree of type ${String(args["type"] ?? "url")}`);
  }
}

function unsupported(what: string): CopseError {
  return new CopseError(
    "fetch-unsupported",
    `Fetching of this kind is not part of this version: \`${what}\``,
    {
      hint: "fetchurl, fetchTarball and fetchTree of a path or tarball are",
    },
  );
}
