/**
 * HTTP with `node:http` and `node:https`. Their agents reuse connections and know proxies (CONNECT for https)
 * since Node 24.5; `fetch` is not used, as it can take neither further authorities nor a proxy as arguments.
 */
import { readFileSync } from "node:fs";
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { getCACertificates } from "node:tls";
import { createGunzip } from "node:zlib";
import { fileError } from "./file-system.ts";
import {
  DEFAULT_IDLE_TIMEOUT_MS,
  DEFAULT_MAX_REDIRECTS,
  type Network,
  type NetworkRequest,
  type NetworkResponse,
  type NetworkSettings,
  networkFailed,
  parseUrl,
  rangeHeader,
  redirected,
  responseTooLarge,
  tooManyRedirects,
} from "./network.ts";

const MAX_CONNECTIONS_PER_HOST = 16;
const USER_AGENT = "copse";

export class NodeNetwork implements Network {
  readonly #settings: NetworkSettings;
  #http: HttpAgent | undefined;
  #https: HttpsAgent | undefined;

  constructor(settings: NetworkSettings = {}) {
    this.#settings = settings;
  }

  async request(request: NetworkRequest): Promise<NetworkResponse> {
    const limit = request.maxRedirects ?? DEFAULT_MAX_REDIRECTS;
    let current = request;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#send(current);
      const next = redirected(current, response);
      if (next === undefined) return response;
      response.cancel();
      if (redirects >= limit) throw tooManyRedirects(next.url);
      current = next;
    }
  }

  close(): void {
    this.#http?.destroy();
    this.#https?.destroy();
  }

  #send(request: NetworkRequest): Promise<NetworkResponse> {
    const url = parseUrl(request.url);
    const isHttps = url.protocol === "https:";
    const { method = "GET", body, signal, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = request;
    signal?.throwIfAborted();
    const options = {
      method,
      headers: this.#headers(request),
      agent: isHttps ? this.#httpsAgent() : this.#httpAgent(),
      timeout: idleTimeoutMs,
      ...(signal && { signal }),
    };
    return new Promise((resolve, reject) => {
      const sent = (isHttps ? httpsRequest : httpRequest)(url, options, (message) => {
        resolve(toResponse(request, message));
      });
      sent.on("timeout", () => sent.destroy(new Error(`nothing came for ${idleTimeoutMs / 1000} s`)));
      sent.on("error", (error) =>
        reject(signal?.aborted ? signal.reason : networkFailed(request.url, error)),
      );
      sent.end(body);
    });
  }

  #headers(request: NetworkRequest): Record<string, string> {
    return {
      "user-agent": this.#settings.userAgent ?? USER_AGENT,
      accept: "*/*",
      "accept-encoding": request.compressed ? "gzip" : "identity",
      ...(request.range && { range: rangeHeader(request.range) }),
      ...(request.body !== undefined && { "content-length": String(Buffer.byteLength(request.body)) }),
      ...request.headers,
    };
  }

  #httpAgent(): HttpAgent {
    this.#http ??= new HttpAgent(this.#agentOptions());
    return this.#http;
  }

  #httpsAgent(): HttpsAgent {
    const { caFiles = [] } = this.#settings;
    // Reading the default authorities takes a while, and is only needed to add to them.
    const ca = caFiles.length > 0 && [...getCACertificates("default"), ...caFiles.map(readCertificates)];
    this.#https ??= new HttpsAgent({ ...this.#agentOptions(), ...(ca && { ca }) });
    return this.#https;
  }

  #agentOptions() {
    return {
      keepAlive: true,
      maxSockets: MAX_CONNECTIONS_PER_HOST,
      proxyEnv: proxyEnvironment(this.#settings),
    };
  }
}

function proxyEnvironment(settings: NetworkSettings): Record<string, string> {
  if (settings.proxy !== undefined) {
    return settings.proxy === "" ? {} : { http_proxy: settings.proxy, https_proxy: settings.proxy };
  }
  const result: Record<string, string> = {};
  for (const name of ["http_proxy", "https_proxy", "no_proxy"]) {
    const value = settings.env?.[name] ?? settings.env?.[name.toUpperCase()];
    if (value !== undefined && value !== "") result[name] = value;
  }
  return result;
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw fileError(error, file);
  }
}

function toResponse(request: NetworkRequest, message: IncomingMessage): NetworkResponse {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    status: message.statusCode ?? 0,
    headers,
    url: request.url,
    body: readMessage(request, message),
    cancel: () => void message.destroy(),
  };
}

async function* readMessage(request: NetworkRequest, message: IncomingMessage): AsyncGenerator<Uint8Array> {
  const { maxBytes = Number.POSITIVE_INFINITY, signal } = request;
  const isPacked = request.compressed && message.headers["content-encoding"] === "gzip";
  const unpacked = isPacked ? createGunzip() : undefined;
  // `pipe` hands no errors on.
  message.on("error", (error) => unpacked?.destroy(error));
  const stream = unpacked ? message.pipe(unpacked) : message;
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += (chunk as Buffer).length;
      if (size > maxBytes) throw responseTooLarge(request.url, maxBytes);
      yield chunk as Buffer;
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw (error as NodeJS.ErrnoException).code === "response-too-large"
      ? error
      : networkFailed(request.url, error);
  } finally {
    message.destroy();
  }
}
