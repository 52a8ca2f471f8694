/**
 * Pages of the network, kept on disk in the form in which they are read.
 *
 * What is kept is not the page but what the caller makes of it (`reduce`): megabytes of HTML become a short list once,
 * and never again while the server says that nothing changed. An answer is used without asking for as long as its
 * server allows (or for a few minutes, where it says nothing at all); then it is asked for by its ETag or date, and
 * "not modified" costs one round trip. Offline, whatever is there is used, however old.
 */
import { createHash } from "node:crypto";
import { type Clock, nodeClock } from "#host";
import { type HttpClient, type HttpResponse, type RouteFor, showUrl } from "../http.ts";
import { offlineError } from "../offline.ts";
import type { Pace } from "../pace.ts";
import { isWorthRetrying, retryDelayMs, StatusError } from "../transfer.ts";
import { ACCEPT_ENCODING, readAnswer } from "./answer-body.ts";
import { type CacheEntry, CacheFiles } from "./cache-files.ts";
import { freshnessOf } from "./freshness.ts";

export interface HttpCacheOptions {
  readonly directory: string;
  readonly client: HttpClient;
  readonly clock?: Clock | undefined;
  /** Nothing is used without asking. */
  readonly refresh?: boolean | undefined;
  /** Further attempts after the first. */
  readonly retries?: number | undefined;
  readonly backoffMs?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly pace?: Pace | undefined;
}

export interface Answer {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** After redirects. */
  readonly url: URL;
  readonly status: number;
}

interface PageRequest {
  readonly url: URL;
  readonly routeFor: RouteFor;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly maxBytes: number;
  /** Of other answers that mean the same as "not found". */
  readonly isMissing?: ((answer: Answer) => boolean) | undefined;
  /** Ask, even if what is there is still fresh. */
  readonly refresh?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `T` is what a page is read for. */
export interface CacheRequest<T> extends PageRequest {
  /** Names the form that `encode` makes, with a number: other forms of the same page are other entries. */
  readonly form: string;
  /** Of an answer with status 200. */
  readonly reduce: (answer: Answer) => T;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Buffer) => T;
}

export class HttpCache {
  readonly files: CacheFiles;
  readonly client: HttpClient;
  readonly isOffline: boolean;
  readonly #clock: Clock;
  readonly #refresh: boolean;
  readonly #retries: number;
  readonly #backoffMs: number;
  readonly #pace: Pace | undefined;

  constructor(options: HttpCacheOptions) {
    this.#clock = options.clock ?? nodeClock;
    this.files = new CacheFiles(options.directory, {
      now: () => this.#clock.now(),
      maxBytes: options.maxBytes,
    });
    this.client = options.client;
    this.isOffline = options.client.isOffline;
    this.#refresh = options.refresh ?? false;
    this.#retries = options.retries ?? 4;
    this.#backoffMs = options.backoffMs ?? 300;
    this.#pace = options.pace;
  }

  /**
   * What `reduce` made of the page, or undefined where the server has none. Throws `offline`, `download-status` and what
   * else a download throws, and what `reduce` throws.
   */
  async read<T>(request: CacheRequest<T>): Promise<T | undefined> {
    const path = this.files.path(request.form, cacheKey(request));
    const kept = this.files.read(path);
    if (kept && (this.isOffline || (!this.#isAsking(request) && this.#isFresh(kept))))
      return contentsOf(kept, request);
    if (this.isOffline) throw offlineError("Page", showUrl(request.url));
    return this.#ask(request, path, kept);
  }

  /** Work that asks a server, again a bounded number of times where that can help. */
  async retrying<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        signal?.throwIfAborted();
        if (attempt >= this.#retries || !isWorthRetrying(error)) throw error;
        await this.#clock.sleep(retryDelayMs(error, this.#backoffMs * 2 ** attempt), signal);
      }
    }
  }

  #isAsking(request: PageRequest): boolean {
    return request.refresh ?? this.#refresh;
  }

  #isFresh({ head, renewedAtMs }: CacheEntry): boolean {
    const lifetime = head["lifetime"];
    const ageMs = this.#clock.now() - renewedAtMs;
    // A clock that was set back must not make an entry fresh for years.
    return typeof lifetime === "number" && ageMs >= -1000 && ageMs < lifetime * 1000;
  }

  async #ask<T>(
    request: CacheRequest<T>,
    path: string,
    kept: CacheEntry | undefined,
  ): Promise<T | undefined> {
    const { response, bytes } = await this.#fetch(request, kept);
    if (response.status === 304 && kept) {
      this.files.renew(path);
      return contentsOf(kept, request);
    }
    const { url, status, headers } = response;
    const page: Answer = { bytes, contentType: headers["content-type"] ?? "", url, status };
    const isMissing = [404, 410].includes(status) || request.isMissing?.(page) === true;
    if (!isMissing && status !== 200) throw new StatusError(response);
    const head = entryHead(page, headers, isMissing);
    // Many servers have neither ETag nor date, and send the same page again: comparing it is cheaper than reading it.
    if (
      kept &&
      head.digest !== undefined &&
      kept.head["digest"] === head.digest &&
      kept.head["lifetime"] === head.lifetime
    ) {
      this.files.renew(path);
      return contentsOf(kept, request);
    }
    const value = isMissing ? undefined : request.reduce(page);
    if (!freshnessOf(headers).isPrivate)
      this.files.write(path, head, value === undefined ? new Uint8Array() : request.encode(value));
    return value;
  }

  #fetch(
    { url, routeFor, maxBytes, signal, ...request }: PageRequest,
    kept: CacheEntry | undefined,
  ): Promise<{ readonly response: HttpResponse; readonly bytes: Buffer }> {
    const headers: Record<string, string> = { "accept-encoding": ACCEPT_ENCODING, ...request.headers };
    const { etag, modified } = kept?.head ?? {};
    if (typeof etag === "string") headers["if-none-match"] = etag;
    else if (typeof modified === "string") headers["if-modified-since"] = modified;
    return this.retrying(signal, async () => {
      const response = await this.client.get(url, { headers, signal, routeFor });
      if (response.status >= 500 || response.status === 429) {
        response.body.destroy();
        throw new StatusError(response);
      }
      return { response, bytes: await readAnswer(response, { maxBytes, pace: this.#pace }) };
    });
  }
}

interface EntryHead extends Readonly<Record<string, unknown>> {
  readonly lifetime: number;
  /** Of the page, where nothing else tells one version of it from another. */
  readonly digest?: string;
}

function entryHead(page: Answer, headers: HttpResponse["headers"], isMissing: boolean): EntryHead {
  const { etag, "last-modified": modified } = headers;
  const tells = etag ?? modified;
  const place = `${isMissing} ${page.contentType} ${page.url.href}\n`;
  return {
    lifetime: freshnessOf(headers, { isMissing }).lifetimeSeconds,
    ...(tells === undefined
      ? { digest: createHash("sha256").update(place).update(page.bytes).digest("base64url") }
      : {}),
    ...(isMissing ? { missing: true } : {}),
    ...(etag === undefined || etag.length > 1000 ? {} : { etag }),
    ...(modified === undefined || modified.length > 100 ? {} : { modified }),
  };
}

function contentsOf<T>(entry: CacheEntry, request: CacheRequest<T>): T | undefined {
  return entry.head["missing"] === true ? undefined : request.decode(entry.bytes);
}

/** The page, and who asks for it: two logins may be shown two pages. The key is hashed; nothing of it is on disk. */
function cacheKey({ url, routeFor }: PageRequest): string {
  const { login } = routeFor(url);
  return JSON.stringify([showUrl(url), url.search, login ?? ""]);
}
