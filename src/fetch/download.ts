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
import { CopseError } from "#base";
import type { Hash } from "#format";
import { type Clock, nodeClock } from "#host";
import { HttpClient, type RouteFor } from "./http.ts";
import type { Pace } from "./pace.ts";
import { copyLocal, isMissing, isUnreachable, isWorthRetrying, retryDelayMs, Transfer } from "./transfer.ts";

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

/** Places, the preferred one first; each is asked for when those before it have failed. */
type Locations = AsyncIterable<Location> | Iterable<Location>;

/** Turns a URL of its scheme into places. */
export type Locator = (url: string) => Locations;

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
  readonly pace?: Pace | undefined;
  /** By scheme: what to do where no location has a file. */
  readonly missingHints?: ReadonlyMap<string, string> | undefined;
}

export class Downloader {
  readonly client: HttpClient;
  readonly #locators: ReadonlyMap<string, Locator>;
  readonly #routeFor: RouteFor;
  readonly #clock: Clock;
  readonly #retries: number;
  readonly #backoffMs: number;
  readonly #pace: Pace | undefined;
  readonly #hints: ReadonlyMap<string, string>;
  /** Origins that did not answer when they were last asked. */
  readonly #unreachable = new Set<string>();

  constructor(options: DownloaderOptions = {}) {
    this.client = options.client ?? new HttpClient();
    this.#locators = options.locators ?? new Map();
    this.#routeFor = options.routeFor ?? (() => ({}));
    this.#clock = options.clock ?? nodeClock;
    this.#retries = options.retries ?? 4;
    this.#backoffMs = options.backoffMs ?? 300;
    this.#pace = options.pace;
    this.#hints = options.missingHints ?? new Map();
  }

  /**
   * Throws the last location's failure: `hash-mismatch`, `download-size`, `download-status`, `download-html`,
   * `download-truncated`, `download-slow`, `http-failed`, `http-timeout`, `http-redirect`, `file-not-found`, `url-unsupported`.
   */
  async download(request: DownloadRequest): Promise<DownloadResult> {
    const locations = typeof request.url === "string" ? this.#locate(request.url) : request.url;
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

  #locate(address: string): Locations {
    const scheme = schemeOf(address);
    // `pypi+lab:` is `pypi:` with a word more, which is its locator's to read.
    const locator = this.#locators.get(scheme.replace(/\+.*$/, ""));
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
    locations: Locations,
    partial: string,
  ): Promise<DownloadResult> {
    const deferred: Location[] = [];
    const failures: CopseError[] = [];
    const attempt = async (location: Location, retries: number): Promise<DownloadResult | undefined> => {
      try {
        if (location.url.protocol === "file:") return await copyLocal(request, location.url, partial);
        const result = await this.#fetchWithRetries(request, location, { partial, retries });
        this.#unreachable.delete(location.url.origin);
        return result;
      } catch (error) {
        request.signal?.throwIfAborted();
        if (!(error instanceof CopseError)) throw error;
        if (isUnreachable(error)) this.#unreachable.add(location.url.origin);
        failures.push(error);
        return undefined;
      }
    };
    for await (const location of locations) {
      if (this.#unreachable.has(location.url.origin)) {
        deferred.push(location);
        continue;
      }
      const result = await attempt(location, this.#retries);
      if (result) return result;
    }
    // What could not be reached before is asked last, and once: hundreds of files must not wait for it each.
    for (const location of deferred) {
      const result = await attempt(location, 0);
      if (result) return result;
    }
    throw this.#worstOf(failures, request);
  }

  /** A location that has other bytes is worth more in a message than one that has none. */
  #worstOf(failures: readonly CopseError[], request: DownloadRequest): CopseError {
    const failure = failures.find((one) => one.code === "hash-mismatch") ?? failures.at(-1);
    if (!failure) return new CopseError("download-failed", `No location is known for \`${request.target}\``);
    const scheme = typeof request.url === "string" ? schemeOf(request.url) : "";
    const hint = isMissing(failure) ? this.#hints.get(scheme.replace(/\+.*$/, "")) : undefined;
    if (hint === undefined) return failure;
    return new CopseError(failure.code, failure.message, { hint, cause: failure });
  }

  async #fetchWithRetries(
    request: DownloadRequest,
    location: Location,
    { partial, retries }: { readonly partial: string; readonly retries: number },
  ): Promise<DownloadResult> {
    const file = await open(partial, "w", 0o644);
    try {
      const transfer = new Transfer(request, file, this.#pace);
      for (let attempt = 0; ; attempt++) {
        try {
          await transfer.run(this.client, location);
          return transfer.finish(location.url);
        } catch (error) {
          request.signal?.throwIfAborted();
          if (attempt >= retries || !isWorthRetrying(error)) throw error;
          await this.#clock.sleep(retryDelayMs(error, this.#backoffMs * 2 ** attempt), request.signal);
        }
      }
    } finally {
      await file.close();
    }
  }
}

function schemeOf(address: string): string {
  return /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase() ?? "";
}
