/**
 * GET over HTTP for package files: connections kept and shared, proxies, redirects, logins, time limits.
 *
 * Node's own client, as it streams without a copy, keeps connections per host and, since Node 24, speaks to
 * proxies (`proxyEnv`). What a server may do to us is bounded here: how often it redirects, from where to
 * where, and for how long it may be silent. What the body holds is the caller's to judge.
 */
import { readFileSync } from "node:fs";
import type * as http from "node:http";
import type { SecureContext } from "node:tls";
import { CopseError } from "#base";
import { offlineError } from "./offline.ts";
import { sharedLookup } from "./shared-lookup.ts";

/** How to reach one host; the owner of the sources (apt, pip, ...) decides. */
export interface Route {
  readonly proxy?: string | undefined;
  /** `login:password`, sent as Basic authentication to this host alone. */
  readonly login?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly tls?: TlsRoute | undefined;
}

export interface TlsRoute {
  /** Trusted in the place of all other authorities. */
  readonly caFile?: string | undefined;
  /** Trusted beside those that Node brings along. */
  readonly extraCaFile?: string | undefined;
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly verifyPeer?: boolean | undefined;
  readonly verifyHost?: boolean | undefined;
}

export type RouteFor = (url: URL) => Route;

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly routeFor: RouteFor;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** After redirects. */
  readonly url: URL;
  /** Must be read to its end or destroyed. */
  readonly body: http.IncomingMessage;
}

/** Connections of one kind that are open to one host at a time, where nobody says otherwise. */
const SOCKETS_PER_HOST = 16;
const MAX_REDIRECTS = 10;
const DEFAULT_TIMEOUT_MS = 30_000;
/** How many times the limit for silence an answer may take to begin. */
const HEADER_PATIENCE = 4;

export interface HttpClientOptions {
  readonly socketsPerHost?: number | undefined;
  /** Every question is refused. */
  readonly offline?: boolean | undefined;
}

export class HttpClient {
  readonly isOffline: boolean;
  readonly #agents = new Map<string, http.Agent>();
  readonly #socketsPerHost: number;
  readonly #lookup = sharedLookup();

  constructor(options: HttpClientOptions = {}) {
    this.#socketsPerHost = options.socketsPerHost ?? SOCKETS_PER_HOST;
    this.isOffline = options.offline ?? false;
  }

  /** Resolves with the final response of any status. Throws `http-failed`, `http-timeout`, `http-redirect`, `offline`. */
  async get(address: URL, options: GetOptions): Promise<HttpResponse> {
    if (this.isOffline) throw offlineError("File", showUrl(address));
    let url = address;
    for (let redirects = 0; ; redirects++) {
      const body = await this.#request(url, options);
      const status = body.statusCode ?? 0;
      const location = [301, 302, 303, 307, 308].includes(status) ? body.headers.location : undefined;
      if (location === undefined) return { status, headers: body.headers, url, body };
      body.destroy();
      if (redirects >= MAX_REDIRECTS)
        throw new CopseError("http-redirect", `Server redirects without end: \`${showUrl(address)}\``);
      const next = URL.parse(location, url.href);
      if (next?.protocol !== "https:" && !(next?.protocol === "http:" && url.protocol === "http:"))
        throw new CopseError(
          "http-redirect",
          `Server redirects to where copse does not follow: \`${next ? showUrl(next) : location.slice(0, 200)}\``,
        );
      url = next;
    }
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #request(url: URL, options: GetOptions): Promise<http.IncomingMessage> {
    const route = options.routeFor(url);
    const login = route.login ?? loginOf(url);
    const headers: Record<string, string> = {
      "user-agent": route.userAgent ?? "copse",
      // Compressed files are wanted as they are: their hashes are those of the stored bytes.
      "accept-encoding": "identity",
      accept: "*/*",
      ...options.headers,
      ...(login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
    };
    const timeoutMs = route.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const send = url.protocol === "https:" ? modules().https.request : modules().http.request;
    const agent = this.#agent(url, route);
    options.signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      let response: http.IncomingMessage | undefined;
      const request = send(
        {
          protocol: url.protocol,
          hostname: url.hostname.replace(/^\[|\]$/g, ""),
          port: url.port || undefined,
          path: url.pathname + url.search,
          headers,
          agent,
          lookup: this.#lookup,
          timeout: timeoutMs,
          ...(options.signal ? { signal: options.signal } : {}),
        },
        (message) => {
          clearTimeout(deadline);
          response = message;
          resolve(message);
        },
      );
      // Silence, whether before the answer or within its body.
      request.on("timeout", () => (response ?? request).destroy(timedOut(url, timeoutMs)));
      // A server may also never get to the end of its headers.
      const deadline = setTimeout(
        () => request.destroy(timedOut(url, timeoutMs)),
        HEADER_PATIENCE * timeoutMs,
      ).unref();
      request.on("error", (error) => {
        clearTimeout(deadline);
        reject(options.signal?.aborted ? options.signal.reason : networkError(error, url));
      });
      request.end();
    });
  }

  #agent(url: URL, route: Route): http.Agent {
    const key = JSON.stringify([url.protocol, route.proxy, route.tls]);
    let agent = this.#agents.get(key);
    if (!agent) {
      agent = makeAgent(url.protocol, route, this.#socketsPerHost);
      this.#agents.set(key, agent);
    }
    return agent;
  }
}

/** Loaded with the first request: they take 50 ms, and most commands ask nothing of the network. */
function modules(): {
  readonly http: typeof import("node:http");
  readonly https: typeof import("node:https");
} {
  return { http: process.getBuiltinModule("node:http"), https: process.getBuiltinModule("node:https") };
}

function makeAgent(protocol: string, route: Route, maxSockets: number): http.Agent {
  const proxyEnv = route.proxy === undefined ? {} : { HTTP_PROXY: route.proxy, HTTPS_PROXY: route.proxy };
  const shared = { keepAlive: true, maxSockets, scheduling: "lifo" as const, proxyEnv };
  if (protocol !== "https:") return new (modules().http.Agent)(shared);
  const { tls } = route;
  return new (modules().https.Agent)({
    ...shared,
    // Made once: reading some hundred certificates for every connection takes longer than connecting.
    ...(tls === undefined ? {} : { secureContext: secureContext(tls) }),
    ...(tls?.verifyPeer === false ? { rejectUnauthorized: false } : {}),
    ...(tls?.verifyHost === false ? { checkServerIdentity: () => undefined } : {}),
  });
}

function secureContext(tls: TlsRoute): SecureContext {
  const { createSecureContext, getCACertificates } = process.getBuiltinModule("node:tls");
  const ca =
    tls.caFile !== undefined
      ? [readTlsFile(tls.caFile)]
      : tls.extraCaFile !== undefined
        ? [...getCACertificates("default"), readTlsFile(tls.extraCaFile)]
        : undefined;
  return createSecureContext({
    ...(ca === undefined ? {} : { ca }),
    ...(tls.certificateFile === undefined ? {} : { cert: readTlsFile(tls.certificateFile) }),
    ...(tls.keyFile === undefined ? {} : { key: readTlsFile(tls.keyFile) }),
  });
}

function readTlsFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CopseError("tls-file", `File for secure connections cannot be read: \`${path}\``, {
      cause: error,
    });
  }
}

function loginOf(url: URL): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  return `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
}

/** A URL for messages: without login, query and fragment, where secrets may stand. */
export function showUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function timedOut(url: URL, timeoutMs: number): CopseError {
  return new CopseError("http-timeout", `Server was silent for ${timeoutMs / 1000} s: \`${showUrl(url)}\``, {
    hint: "another mirror may answer; apt's Acquire::http::Timeout and pip's timeout set how long is waited",
  });
}

/** What Node reports about a connection, in our words. */
export function networkError(error: Error, url: URL): CopseError {
  if (error instanceof CopseError) return error;
  const { code } = error as { code?: unknown };
  const reason = typeof code === "string" ? (reasons.get(code) ?? code) : error.message;
  return new CopseError("http-failed", `Connection failed (${reason}): \`${showUrl(url)}\``, {
    cause: error,
    hint: "the server may be down, or this machine may have no way to it; proxies are those of apt's or pip's configuration and of the environment",
  });
}

const reasons: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "refused"],
  ["ECONNRESET", "closed by the other side"],
  ["ENOTFOUND", "host name is not known"],
  ["EAI_AGAIN", "host name cannot be looked up now"],
  ["EHOSTUNREACH", "host cannot be reached"],
  ["ENETUNREACH", "network cannot be reached"],
  ["ETIMEDOUT", "no answer"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "certificate is self-signed"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate is self-signed"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "certificate's issuer is not trusted"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate's issuer is not trusted"],
  ["CERT_HAS_EXPIRED", "certificate has expired"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate is for another host"],
]);
