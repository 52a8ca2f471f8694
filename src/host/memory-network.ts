/** A network in memory, for tests: answers by URL. */
import { gunzipSync } from "node:zlib";
import {
  DEFAULT_MAX_REDIRECTS,
  type Network,
  type NetworkRequest,
  type NetworkResponse,
  networkFailed,
  parseUrl,
  redirected,
  responseTooLarge,
  tooManyRedirects,
} from "./network.ts";

export interface MemoryAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export type MemoryRoute =
  | string
  | Uint8Array
  | MemoryAnswer
  | ((request: NetworkRequest) => MemoryAnswer | Promise<MemoryAnswer>);

export class MemoryNetwork implements Network {
  /** What was asked for, redirects included. */
  readonly requests: NetworkRequest[] = [];
  readonly #routes: ReadonlyMap<string, MemoryRoute>;

  /** Routes by URL, without a query: a host that no route has gives no answer, any other path status 404. */
  constructor(routes: Readonly<Record<string, MemoryRoute>>) {
    this.#routes = new Map(Object.entries(routes));
  }

  async request(request: NetworkRequest): Promise<NetworkResponse> {
    let current = request;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#send(current);
      const next = redirected(current, response);
      if (next === undefined) return response;
      if (redirects >= (request.maxRedirects ?? DEFAULT_MAX_REDIRECTS)) throw tooManyRedirects(next.url);
      current = next;
    }
  }

  close(): void {}

  async #send(request: NetworkRequest): Promise<NetworkResponse> {
    const url = parseUrl(request.url);
    request.signal?.throwIfAborted();
    this.requests.push(request);
    const answer = await this.#answer(request, url);
    const whole = Buffer.from((answer.body ?? "") as string);
    const isRange = request.range !== undefined && (answer.status ?? 200) === 200;
    const body = isRange ? whole.subarray(request.range!.start, request.range!.end) : whole;
    const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
    const lengths = { "content-length": String(body.length) };
    const rangeLine = isRange && {
      "content-range": `bytes ${request.range!.start}-${request.range!.start + body.length - 1}/${whole.length}`,
    };
    return {
      status: isRange ? 206 : (answer.status ?? 200),
      headers: { ...lengths, ...rangeLine, ...Object.fromEntries(headers) },
      url: request.url,
      body: pieces(request, request.method === "HEAD" ? Buffer.alloc(0) : body, answer),
      cancel: () => {},
    };
  }

  async #answer(request: NetworkRequest, url: URL): Promise<MemoryAnswer> {
    const route = this.#routes.get(url.origin + url.pathname);
    if (route === undefined) {
      const isHostKnown = [...this.#routes.keys()].some((known) => known.startsWith(`${url.origin}/`));
      if (!isHostKnown) throw networkFailed(request.url, new Error("host not found"));
      return { status: 404, body: "Not found" };
    }
    if (typeof route === "function") return route(request);
    return typeof route === "string" || route instanceof Uint8Array ? { body: route } : route;
  }
}

async function* pieces(
  request: NetworkRequest,
  body: Buffer,
  answer: MemoryAnswer,
): AsyncGenerator<Uint8Array> {
  const isPacked = request.compressed && answer.headers?.["content-encoding"] === "gzip";
  const bytes = isPacked ? gunzipSync(body) : body;
  for (let at = 0; at < bytes.length; at += 1000) {
    request.signal?.throwIfAborted();
    const piece = bytes.subarray(at, at + 1000);
    if (at + piece.length > (request.maxBytes ?? Number.POSITIVE_INFINITY)) {
      throw responseTooLarge(request.url, request.maxBytes!);
    }
    yield piece;
  }
}
