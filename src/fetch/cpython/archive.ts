/**
 * The archive of CPython's sources, or a mirror of it: a folder for each release, with `Python-RELEASE.tar.xz` in it.
 *
 *     3.12.7/Python-3.12.7.tar.xz
 *     3.12.8/Python-3.12.8.tar.xz
 *     3.15.0/Python-3.15.0a1.tar.xz        of a release to come, only candidates
 *
 * A release is never changed once it is there, and a mirror is any server, or folder, that has some of these. What
 * releases there are is read from the folder's listing, in the form that web servers give it. Where the archive is says
 * `[sources]` of copse's configuration or of copse.toml, by the name `python`; else it is Python's own.
 *
 * A file is named `python:3.12.8/Python-3.12.8.tar.xz`.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CopseError, isCopseError } from "#base";
import { archiveFileUrl, checkArchivePath } from "../apt/archive-paths.ts";
import type { Downloader, Location } from "../download.ts";
import { environmentProxy } from "../proxy.ts";
import type { SourcesConfiguration } from "../sources/config-file.ts";
import { isMissing } from "../transfer.ts";

/** Its name below `[sources]`, in a folder that `copse fetch` fills, and as a scheme. */
export const CPYTHON_ARCHIVE = "python";

const OWN = "https://www.python.org/ftp/python";

/** Twenty times the listing of today. */
const MAX_LISTING_BYTES = 4 * 1024 * 1024;

export interface CpythonArchiveOptions {
  readonly sources: SourcesConfiguration;
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class CpythonArchive {
  readonly #options: CpythonArchiveOptions;

  constructor(options: CpythonArchiveOptions) {
    this.#options = options;
  }

  /** Where a mirror is to be written down. */
  get configurationFile(): string {
    return this.#options.sources.files[0] ?? "config.toml";
  }

  get bases(): readonly string[] {
    return this.#options.sources.archives.get(CPYTHON_ARCHIVE)?.uris ?? [OWN];
  }

  /** Places of a file, those that cost nothing first. */
  *locate(path: string): Generator<Location> {
    checkArchivePath(path);
    for (const mirror of this.#options.sources.mirrors)
      yield this.#location(`${mirror}/${CPYTHON_ARCHIVE}`, path);
    const kept = this.keptFile(path);
    if (existsSync(kept)) yield { url: pathToFileURL(kept), routeFor: () => ({}) };
    yield* this.remote(path);
  }

  /** Places of a file in the archive itself. */
  *remote(path: string): Generator<Location> {
    for (const base of this.bases) yield this.#location(base, path);
  }

  /** The locator for `python:` URLs. Throws `url-unsupported`. */
  readonly locator = (url: string): Iterable<Location> => {
    const path = new RegExp(`^${CPYTHON_ARCHIVE}:(.+)$`).exec(url)?.[1];
    if (path !== undefined) return this.locate(path);
    throw new CopseError("url-unsupported", `URL does not name a file of CPython: \`${url.slice(0, 300)}\``);
  };

  /** Where a file is kept that had to be read to be locked: its hash stands in no listing. */
  keptFile(path: string): string {
    return join(this.#options.cacheDir, "cpython", basename(path));
  }

  /**
   * The releases that there are folders of, such as `3.12.8`, in no order. The first place that has a listing counts.
   * Throws the last place's failure, `cpython-listing` where what it has is no such listing.
   */
  async releases(downloader: Downloader, signal?: AbortSignal): Promise<readonly string[]> {
    let failure: CopseError | undefined;
    for (const base of this.bases) {
      try {
        const found = (await this.#names(base, { downloader, signal })).filter(isRelease);
        if (found.length > 0) return [...new Set(found)];
        failure = new CopseError("cpython-listing", `No release of CPython is listed by \`${base}\``, {
          hint: "a mirror is a folder, or a server that lists one, with a folder such as 3.12.8 for each release",
        });
      } catch (error) {
        signal?.throwIfAborted();
        if (!isCopseError(error)) throw error;
        failure = error;
      }
    }
    throw failure as CopseError;
  }

  async #names(
    base: string,
    { downloader, signal }: { readonly downloader: Downloader; readonly signal?: AbortSignal | undefined },
  ): Promise<readonly string[]> {
    if (base.startsWith("file:")) return await folderNames(base);
    const listing = await downloader.read({
      url: [{ ...this.#location(base, "index"), url: new URL(`${base}/`) }],
      scratchDir: join(this.#options.cacheDir, "cpython"),
      maxBytes: MAX_LISTING_BYTES,
      signal,
    });
    return namesInListing(listing.toString("latin1"));
  }

  #location(base: string, path: string): Location {
    const { env } = this.#options;
    return {
      url: archiveFileUrl(base, path),
      routeFor: (address) => ({ proxy: environmentProxy(address, env) }),
    };
  }
}

/** Whether the archive has no such file, as against being out of reach. */
export function isMissingFile(error: unknown): boolean {
  return isCopseError(error) && isMissing(error);
}

/** `3.12.8/Python-3.12.8.tar.xz` */
export function cpythonFile(release: string): string {
  return `${release}/Python-${release}.tar.xz`;
}

function isRelease(name: string): boolean {
  return /^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$/.test(name);
}

async function folderNames(base: string): Promise<readonly string[]> {
  try {
    return await readdir(fileURLToPath(base));
  } catch (cause) {
    throw new CopseError("file-not-found", `Folder cannot be listed: \`${base}\``, { cause });
  }
}

/** The last parts of what a listing links to. */
export function namesInListing(html: string): readonly string[] {
  return [...html.matchAll(/\bhref\s*=\s*["']?([^"'\s>]{1,300})/gi)].map(([, address = ""]) =>
    basename(address.replace(/[?#].*$/, "")),
  );
}
