/**
 * Files by hash, from whichever of their locations has them.
 *
 * A file is written beside its target under a name of its own, hashed as it streams, bounded in size, and
 * renamed into place only when it is what was asked for: a target that exists is whole. A connection that
 * breaks is resumed with a Range request a bounded number of times; a location that fails otherwise hands
 * over to the next one. Where one connection serves many small files (a few hundred packages), it is kept.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CopseError, isCopseError } from "#base";
import type { Hash } from "#format";
import { type Clock, nodeClock } from "#host";
import { HttpClient, type RouteFor } from "./http.ts";
import { copyLocal, isWorthRetrying, retryDelayMs, Transfer } from "./transfer.ts";

export interface DownloadRequest {
  /** `http:`, `https:`, `file:`, or a scheme that the downloader was given a locator for; or the places themselves. */
  readonly url: string | readonly Location[];
  readonly target: string;
  readonly expectedHash?: Hash | undefined;
  /** Exact size where it is known beforehand. */
  readonly sizeBytes?: number | undefined;
  /** Bound where no size is known. */
  readonly maxBytes?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DownloadProgress {
  /** Of this file so far; goes back when a transfer starts anew. */
  readonly bytes: number;
  readonly totalBytes: number | undefined;
}

export interface DownloadResult {
  readonly hash: Hash;
  readonly sizeBytes: number;
}

/** One place where a file may be, and how to reach its host. */
export interface Location {
  readonly url: URL;
  readonly routeFor: RouteFor;
}

/** Turns a URL of its scheme into places, the preferred one first. */
export type Locator = (url: string) => Promise<readonly Location[]>;

export interface DownloaderOptions {
  /** By scheme without colon: `apt`. */
  readonly locators?: ReadonlyMap<string, Locator> | undefined;
  /** For plain http and https URLs. */
  readonly routeFor?: RouteFor | undefined;
  readonly client?: HttpClient | undefined;
  readonly clock?: Clock | undefined;
  /** Further attempts at one location after the first. */
  readonly retries?: number | undefined;
  readonly backoffMs?: number | undefined;
}

export class Downloader {
  readonly client: HttpClient;
  readonly #locators: ReadonlyMap<string, Locator>;
  readonly #routeFor: RouteFor;
  readonly #clock: Clock;
  readonly #retries: number;
  readonly #backoffMs: number;

  constructor(options: DownloaderOptions = {}) {
    this.client = options.client ?? new HttpClient();
    this.#locators = options.locators ?? new Map();
    this.#routeFor = options.routeFor ?? (() => ({}));
    this.#clock = options.clock ?? nodeClock;
    this.#retries = options.retries ?? 4;
    this.#backoffMs = options.backoffMs ?? 300;
  }

  /**
   * Throws the last location's failure: `hash-mismatch`, `download-size`, `download-status`, `download-html`,
   * `download-truncated`, `http-failed`, `http-timeout`, `http-redirect`, `file-not-found`, `url-unsupported`.
   */
  async download(request: DownloadRequest): Promise<DownloadResult> {
    const locations = typeof request.url === "string" ? await this.#locate(request.url) : request.url;
    await mkdir(dirname(request.target), { recursive: true });
    const partial = `${request.target}.${randomBytes(6).toString("hex")}.part`;
    try {
      const result = await this.#firstThatServes(request, locations, partial);
      await rename(partial, request.target);
      return result;
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  /** A small file's bytes. `scratchDir` is where it is put together. Throws as `download` does. */
  async read(
    request: Omit<DownloadRequest, "target"> & { readonly scratchDir: string; readonly maxBytes: number },
  ): Promise<Buffer> {
    const target = join(request.scratchDir, `read-${randomBytes(8).toString("hex")}`);
    try {
      await this.download({ ...request, target });
      return await readFile(target);
    } finally {
      await rm(target, { force: true });
    }
  }

  close(): void {
    this.client.close();
  }

  async #locate(address: string): Promise<readonly Location[]> {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase() ?? "";
    const locator = this.#locators.get(scheme);
    if (locator) return locator(address);
    const url = URL.parse(address);
    if (!url || !["http", "https", "file"].includes(scheme))
      throw new CopseError(
        "url-unsupported",
        `URL is of a kind that copse cannot fetch: \`${address.slice(0, 300)}\``,
      );
    return [{ url, routeFor: this.#routeFor }];
  }

  async #firstThatServes(
    request: DownloadRequest,
    locations: readonly Location[],
    partial: string,
  ): Promise<DownloadResult> {
    let failure: unknown;
    for (const location of locations) {
      try {
        return await (location.url.protocol === "file:"
          ? copyLocal(request, location.url, partial)
          : this.#fetchWithRetries(request, location, partial));
      } catch (error) {
        request.signal?.throwIfAborted();
        if (!(error instanceof CopseError)) throw error;
        // A location that has other bytes is worth more in a message than one that has none.
        if (!isCopseError(failure, "hash-mismatch")) failure = error;
      }
    }
    throw failure ?? new CopseError("download-failed", `No location is known for \`${request.target}\``);
  }

  async #fetchWithRetries(
    request: DownloadRequest,
    location: Location,
    partial: string,
  ): Promise<DownloadResult> {
    const file = await open(partial, "w", 0o644);
    try {
      const transfer = new Transfer(request, file);
      for (let attempt = 0; ; attempt++) {
        try {
          await transfer.run(this.client, location);
          return transfer.finish(location.url);
        } catch (error) {
          request.signal?.throwIfAborted();
          if (attempt >= this.#retries || !isWorthRetrying(error)) throw error;
          await this.#clock.sleep(retryDelayMs(error, this.#backoffMs * 2 ** attempt), request.signal);
        }
      }
    } finally {
      await file.close();
    }
  }
}
