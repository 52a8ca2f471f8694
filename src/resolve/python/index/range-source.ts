/**
 * A file of a server, read in pieces: the few kilobytes of a wheel that its metadata takes, out of hundreds of megabytes.
 *
 * A wheel is a zip archive: its table of contents lies at the end, and by custom its metadata right before it. So the last
 * 16 kilobytes are asked for at first, and are in most cases all there is to ask. What was read is kept, and a further
 * piece is at least a few kilobytes long. The server's ETag must stay the same from one piece to the next.
 */
import { CopseError } from "#base";
import {
  type HttpCache,
  type HttpResponse,
  networkError,
  paced,
  type RouteFor,
  StatusError,
  showUrl,
} from "#fetch";

const TAIL_BYTES = 16 * 1024;
/** Metadata lies right before a table of contents that is larger than the first piece. */
const LEAD_BYTES = 8 * 1024;
/** Up to here, one larger piece is cheaper than another round trip. */
const MAX_GAP_BYTES = 1024 * 1024;
/** One piece; a table of contents with a hundred thousand files has ten megabytes. */
const MAX_PIECE_BYTES = 64 * 1024 * 1024;

export interface RangeRequest {
  readonly url: URL;
  readonly routeFor: RouteFor;
  /** As the index says. */
  readonly size?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class RangeSource {
  readonly size: number;
  readonly #cache: HttpCache;
  readonly #request: RangeRequest;
  /** From somewhere up to the end. */
  #tail: Piece;

  private constructor(cache: HttpCache, request: RangeRequest, first: Piece) {
    this.#cache = cache;
    this.#request = request;
    this.size = first.size;
    this.#tail = first;
  }

  /** Undefined for a server that does not serve pieces. Throws `download-status` and what a connection throws. */
  static async open(cache: HttpCache, request: RangeRequest): Promise<RangeSource | undefined> {
    const { size } = request;
    const range =
      size === undefined ? `bytes=-${TAIL_BYTES}` : `bytes=${Math.max(0, size - TAIL_BYTES)}-${size - 1}`;
    const piece = await ask(cache, request, range);
    return piece && new RangeSource(cache, request, piece);
  }

  /** Exactly these bytes. Throws `index-range` for a server that sends others. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || length < 0 || offset + length > this.size)
      throw rangeError("Piece lies outside of the file", this.#request.url);
    const piece = offset >= this.#tail.start ? this.#tail : await this.#reachBack(offset, length);
    return piece.bytes.subarray(offset - piece.start, offset - piece.start + length);
  }

  /** What is near the end is joined to it, with a little before that; the rest of the file is read apart. */
  async #reachBack(offset: number, length: number): Promise<Piece> {
    const { start, bytes } = this.#tail;
    if (start - offset > MAX_GAP_BYTES && offset + length <= start)
      return this.#fetch(offset, offset + length);
    const before = await this.#fetch(Math.max(0, offset - LEAD_BYTES), start);
    this.#tail = { ...before, bytes: Buffer.concat([before.bytes, bytes]) };
    return this.#tail;
  }

  async #fetch(start: number, end: number): Promise<Piece> {
    const { url } = this.#request;
    if (end - start > MAX_PIECE_BYTES)
      throw rangeError(`Piece of a file is larger than ${MAX_PIECE_BYTES} bytes`, url);
    const piece = await ask(this.#cache, this.#request, `bytes=${start}-${end - 1}`);
    const isSame = piece?.start === start && piece.bytes.length === end - start;
    if (isSame && piece.size === this.size && piece.etag === this.#tail.etag) return piece;
    throw rangeError("Server changes its mind about a file while it is read", url);
  }
}

function rangeError(what: string, url: URL): CopseError {
  return new CopseError("index-range", `${what}: \`${showUrl(url)}\``, {
    hint: "try again; if it stays so, the server or a proxy does not serve parts of files rightly",
  });
}

interface Piece {
  readonly size: number;
  readonly start: number;
  readonly bytes: Buffer;
  readonly etag: string | undefined;
}

/** Undefined where the server would send the whole file instead. */
function ask(
  cache: HttpCache,
  { url, routeFor, signal }: RangeRequest,
  range: string,
): Promise<Piece | undefined> {
  const headers = { range, "accept-encoding": "identity" };
  return cache.retrying(signal, async () => {
    const response = await cache.client.get(url, { routeFor, signal, headers });
    const place = response.status === 206 ? contentRange(response) : undefined;
    if (place) {
      const bytes = await readPiece(response, place.end - place.start);
      return { ...place, bytes, etag: response.headers.etag };
    }
    response.body.destroy();
    // Anything but a refusal of the range itself is an answer to the request as a whole.
    if ([200, 206, 416].includes(response.status)) return undefined;
    throw new StatusError(response);
  });
}

interface Place {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly size: number;
}

function contentRange({ headers }: HttpResponse): Place | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headers["content-range"] ?? "");
  if (!match) return undefined;
  const [start, last, size] = match.slice(1).map(Number) as [number, number, number];
  return start <= last && last < size ? { start, end: last + 1, size } : undefined;
}

async function readPiece(response: HttpResponse, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (length <= MAX_PIECE_BYTES)
      for await (const chunk of paced(response)) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > length) break;
      }
  } catch (error) {
    throw networkError(error as Error, response.url);
  } finally {
    response.body.destroy();
  }
  if (size === length) return Buffer.concat(chunks, size);
  throw rangeError("Server sends another piece than it says", response.url);
}
