/**
 * HTTP, as much of it as fetching needs. Bodies are streams. An answer with any status is an answer; only
 * when none comes is it an error. Redirects are followed, and credentials stay with the host they are for.
 */
import { CopseError } from "#base";
import type { Environment } from "./processes.ts";

export interface NetworkRequest {
  /** http: or https:. User and password in it become a basic authorisation. */
  readonly url: string;
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | string | undefined;
  /** Bytes from `start` up to but without `end`. A server may ignore it: look for status 206. */
  readonly range?: { readonly start: number; readonly end?: number } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Without a byte coming or going for so long, it has failed. Default 60 s. */
  readonly idleTimeoutMs?: number | undefined;
  /** Of the body as it is read; more is an error, `response-too-large`. */
  readonly maxBytes?: number | undefined;
  /** Ask for gzip and undo it. For indexes; not for files whose hash is known. */
  readonly compressed?: boolean | undefined;
  readonly maxRedirects?: number | undefined;
}

export interface NetworkResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  /** To be read to its end, or left with `cancel`. */
  readonly body: AsyncIterable<Uint8Array>;
  cancel(): void;
}

export interface NetworkSettings {
  /** `http_proxy`, `https_proxy`, `no_proxy` in either case, as curl reads them. */
  readonly env?: Environment | undefined;
  /** For everything, instead of what `env` says; "" is none. */
  readonly proxy?: string | undefined;
  /** PEM files whose authorities are trusted beside those that Node knows. */
  readonly caFiles?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
}

export interface Network {
  /** Throws CopseError `network-failed`, `url-invalid`, `too-many-redirects`, `response-too-large`. */
  request(request: NetworkRequest): Promise<NetworkResponse>;
  /** Gives back connections. */
  close(): void;
}

export const DEFAULT_IDLE_TIMEOUT_MS = 60_000;
export const DEFAULT_MAX_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A body as one piece. The response's own `maxBytes` bounds it; here another bound must be given. */
export async function readBody(response: NetworkResponse, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > maxBytes) throw responseTooLarge(response.url, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What to ask next, if a response is a redirect. Shared by all implementations. */
export function redirected(
  request: NetworkRequest,
  response: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
): NetworkRequest | undefined {
  const location = response.headers["location"];
  if (!REDIRECTS.has(response.status) || location === undefined) return undefined;
  const from = parseUrl(request.url);
  const to = parseUrl(new URL(location, from).href);
  if (from.protocol === "https:" && to.protocol !== "https:") {
    throw new CopseError("redirect-insecure", `Redirect from https to http: \`${shownUrl(to.href)}\``);
  }
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => {
    return to.origin === from.origin || !/^(authorization|cookie|proxy-authorization)$/i.test(name);
  });
  // As browsers and curl do: what was posted is not posted again, unless the status says so.
  const keepsMethod = response.status === 307 || response.status === 308 || request.method !== "POST";
  return {
    ...request,
    url: to.href,
    headers: Object.fromEntries(headers),
    ...(!keepsMethod && { method: "GET", body: undefined }),
  };
}

/** Throws CopseError `url-invalid`. */
export function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return parsed;
  throw new CopseError("url-invalid", `Not an http or https URL: \`${shownUrl(url)}\``);
}

/** Without a password, for messages and logs. */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

export function rangeHeader(range: { readonly start: number; readonly end?: number }): string {
  return `bytes=${range.start}-${range.end === undefined ? "" : range.end - 1}`;
}

export function responseTooLarge(url: string, maxBytes: number): CopseError {
  return new CopseError(
    "response-too-large",
    `Response has more than ${maxBytes} bytes: \`${shownUrl(url)}\``,
  );
}

export function tooManyRedirects(url: string): CopseError {
  return new CopseError("too-many-redirects", `Too many redirects, the last to \`${shownUrl(url)}\``);
}

export function networkFailed(url: string, cause: unknown): CopseError {
  const reason = cause instanceof Error && cause.message !== "" ? cause.message : String(cause);
  return new CopseError("network-failed", `No answer (${reason}) from: \`${shownUrl(url)}\``, { cause });
}
