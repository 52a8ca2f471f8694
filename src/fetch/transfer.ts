/**
 * One file on its way: a transfer over as many connections as it takes, and a copy from this machine.
 *
 * Bytes are written and hashed as they come, bounded by what was announced; a broken connection leaves the
 * transfer where it is, to be resumed while the server still has the same version of the file.
 */
import { createReadStream } from "node:fs";
import { copyFile, type FileHandle, stat } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { CopseError, isCopseError } from "#base";
import { createHasher, formatPrefixedHash, type Hash, type Hasher, hashesEqual } from "#format";
import type { DownloadRequest, DownloadResult, Location } from "./download.ts";
import { type HttpClient, type HttpResponse, networkError, showUrl } from "./http.ts";
import { DEFAULT_PACE, type Pace, paced } from "./pace.ts";

const DEFAULT_MAX_BYTES = 64 * 1024 ** 3;

/** One file on its way, over as many connections as it takes. */
export class Transfer {
  readonly #request: DownloadRequest;
  readonly #file: FileHandle;
  readonly #maxBytes: number;
  #hasher: Hasher;
  #bytes = 0;
  /** What tells one version of the file at the server from another: only the same may be resumed. */
  #validator: string | undefined;

  readonly #pace: Pace;

  constructor(request: DownloadRequest, file: FileHandle, pace: Pace = DEFAULT_PACE) {
    this.#request = request;
    this.#pace = pace;
    this.#file = file;
    this.#maxBytes = request.sizeBytes ?? request.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#hasher = createHasher(request.expectedHash?.algorithm ?? "sha256");
  }

  async run(client: HttpClient, location: Location): Promise<void> {
    const headers: Record<string, string> = { ...this.#request.headers };
    const resuming = this.#bytes > 0 && this.#validator !== undefined;
    if (resuming) {
      headers["range"] = `bytes=${this.#bytes}-`;
      headers["if-range"] = this.#validator as string;
    }
    const { signal } = this.#request;
    const response = await client.get(location.url, { headers, signal, routeFor: location.routeFor });
    try {
      if (!(resuming && continuesAt(response, this.#bytes))) await this.#restart(response);
      await this.#receive(response);
    } finally {
      response.body.destroy();
    }
  }

  finish(url: URL): DownloadResult {
    const { expectedHash, sizeBytes } = this.#request;
    if (sizeBytes !== undefined && this.#bytes !== sizeBytes) throw wrongSize(url, sizeBytes, this.#bytes);
    const hash = this.#hasher.digest();
    if (expectedHash && !hashesEqual(hash, expectedHash)) throw hashMismatch(url, expectedHash, hash);
    return { hash, sizeBytes: this.#bytes };
  }

  async #restart(response: HttpResponse): Promise<void> {
    if (response.status !== 200) {
      // "Range not satisfiable": whatever the server has now, it is not what was begun.
      if (response.status === 416) this.#validator = undefined;
      throw new StatusError(response);
    }
    refuseHtml(response, this.#request);
    const length = Number(response.headers["content-length"] ?? Number.NaN);
    const { sizeBytes } = this.#request;
    if (sizeBytes !== undefined && Number.isFinite(length) && length !== sizeBytes)
      throw wrongSize(response.url, sizeBytes, length);
    this.#hasher = createHasher(this.#request.expectedHash?.algorithm ?? "sha256");
    this.#bytes = 0;
    await this.#file.truncate(0);
    this.#validator = validatorOf(response);
  }

  async #receive(response: HttpResponse): Promise<void> {
    const { onProgress } = this.#request;
    const length = Number(response.headers["content-length"] ?? Number.NaN);
    const totalBytes =
      this.#request.sizeBytes ?? (Number.isFinite(length) ? this.#bytes + length : undefined);
    try {
      for await (const chunk of inPieces(paced(response, this.#pace), PIECE_BYTES)) {
        if (this.#bytes + chunk.length > this.#maxBytes)
          throw new CopseError(
            "download-size",
            `File is larger than the ${this.#maxBytes} bytes allowed: \`${showUrl(response.url)}\``,
          );
        const written = writeAll(this.#file, chunk, this.#bytes);
        this.#hasher.update(chunk);
        await written;
        this.#bytes += chunk.length;
        onProgress?.({ bytes: this.#bytes, totalBytes });
      }
    } catch (error) {
      throw error instanceof CopseError ? error : networkError(error as Error, response.url);
    }
    if (totalBytes !== undefined && this.#bytes < totalBytes)
      throw new CopseError(
        "download-truncated",
        `Only ${this.#bytes} of ${totalBytes} bytes arrived: \`${showUrl(response.url)}\``,
        { hint: "the connection was cut, more than once: try again, or ask another mirror" },
      );
  }
}

/** Sockets hand over a few kilobytes at a time; writing and hashing are cheaper in larger pieces. */
const PIECE_BYTES = 256 * 1024;

/** What came before a failure is still handed over, so that it can be resumed from there. */
async function* inPieces(body: AsyncIterable<Buffer>, pieceBytes: number): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let size = 0;
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size < pieceBytes) continue;
      yield Buffer.concat(chunks, size);
      chunks = [];
      size = 0;
    }
  } catch (error) {
    failure = { error };
  }
  if (size > 0) yield Buffer.concat(chunks, size);
  if (failure) throw failure.error;
}

async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let offset = 0; offset < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, offset, chunk.length - offset, position + offset);
    offset += bytesWritten;
  }
}

export async function copyLocal(
  request: DownloadRequest,
  url: URL,
  partial: string,
): Promise<DownloadResult> {
  const path = fileURLToPath(url);
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) throw new CopseError("file-not-found", `File does not exist: \`${path}\``);
  const limit = request.sizeBytes ?? request.maxBytes ?? DEFAULT_MAX_BYTES;
  if (info.size > limit || (request.sizeBytes ?? info.size) !== info.size)
    throw wrongSize(url, limit, info.size);
  await copyFile(path, partial);
  const hasher = createHasher(request.expectedHash?.algorithm ?? "sha256");
  // The copy is hashed, not the original: that may change under our hands.
  let bytes = 0;
  for await (const chunk of createReadStream(partial, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    request.signal?.throwIfAborted();
    hasher.update(chunk);
    bytes += chunk.length;
  }
  const hash = hasher.digest();
  if (request.expectedHash && !hashesEqual(hash, request.expectedHash))
    throw hashMismatch(url, request.expectedHash, hash);
  request.onProgress?.({ bytes, totalBytes: bytes });
  return { hash, sizeBytes: bytes };
}

function continuesAt(response: HttpResponse, bytes: number): boolean {
  if (response.status !== 206) return false;
  const start = /^bytes (\d+)-/.exec(response.headers["content-range"] ?? "")?.[1];
  if (Number(start) !== bytes)
    throw new CopseError("http-range", `Server resumed at the wrong place: \`${showUrl(response.url)}\``);
  return true;
}

function validatorOf(response: HttpResponse): string | undefined {
  const { etag, "last-modified": modified, "accept-ranges": ranges } = response.headers;
  if (ranges === "none") return undefined;
  return etag !== undefined && !etag.startsWith("W/") ? etag : modified;
}

/** A page where a file was asked for: a captive portal, a proxy's login, a gateway's excuse. */
function refuseHtml(response: HttpResponse, request: DownloadRequest): void {
  if (!/^text\/html\b/i.test(response.headers["content-type"] ?? "")) return;
  const extension = extname(response.url.pathname).toLowerCase();
  if (!request.expectedHash && request.sizeBytes === undefined) return;
  if ([".html", ".htm", ""].includes(extension)) return;
  const length = Number(response.headers["content-length"] ?? Number.NaN);
  if (request.sizeBytes !== undefined && length === request.sizeBytes) return;
  throw new CopseError(
    "download-html",
    `Server sent a web page instead of the file: \`${showUrl(response.url)}\``,
    {
      hint: "a login page of the network or of a proxy may stand in between",
    },
  );
}

/** An answer with another status than the one that was hoped for. */
export class StatusError extends CopseError {
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(response: HttpResponse) {
    const { status } = response;
    super(
      "download-status",
      `Server answered ${status}${statusWords.get(status) ?? ""}: \`${showUrl(response.url)}\``,
      {
        hint: statusHint(status),
      },
    );
    this.status = status;
    const seconds = response.headers["retry-after"];
    this.retryAfterMs =
      seconds !== undefined && /^\d{1,4}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
  }
}

function statusHint(status: number): string | undefined {
  if ([401, 403, 407].includes(status)) return "the server or a proxy wants a login, or refuses this one";
  if ([404, 410].includes(status)) return undefined;
  return "the server has trouble of its own: try again later, or ask another mirror";
}

const statusWords: ReadonlyMap<number, string> = new Map([
  [401, " (login required)"],
  [403, " (forbidden)"],
  [404, " (not found)"],
  [407, " (proxy login required)"],
  [410, " (gone)"],
  [429, " (too many requests)"],
  [500, " (internal error)"],
  [502, " (bad gateway)"],
  [503, " (unavailable)"],
  [504, " (gateway timeout)"],
]);

export function isWorthRetrying(error: unknown): boolean {
  if (error instanceof StatusError) return error.status >= 500 || [408, 416, 425, 429].includes(error.status);
  return ["http-failed", "http-timeout", "http-range", "download-truncated"].some((code) =>
    isCopseError(error, code),
  );
}

/** Whether the server itself could not be asked. */
export function isUnreachable(error: CopseError): boolean {
  return ["http-failed", "http-timeout", "download-slow"].includes(error.code);
}

/** Whether the server was asked and does not have the file. */
export function isMissing(error: CopseError): boolean {
  return (
    error.code === "file-not-found" || (error instanceof StatusError && [404, 410].includes(error.status))
  );
}

export function retryDelayMs(error: unknown, backoffMs: number): number {
  const asked = error instanceof StatusError ? (error.retryAfterMs ?? 0) : 0;
  return Math.min(Math.max(backoffMs, asked), 20_000);
}

const OTHER_FILE_HINT =
  "the mirror may be in the middle of an update, or something on the way has changed the file: try again later, or ask another mirror";

function wrongSize(url: URL, expected: number, actual: number): CopseError {
  return new CopseError(
    "download-size",
    `File has ${actual} bytes instead of ${expected}: \`${showUrl(url)}\``,
    { hint: OTHER_FILE_HINT },
  );
}

function hashMismatch(url: URL, expected: Hash, actual: Hash): CopseError {
  const forms = `expected ${formatPrefixedHash(expected, "base16")}, got ${formatPrefixedHash(actual, "base16")}`;
  return new CopseError(
    "hash-mismatch",
    `File does not have the hash it must have (${forms}): \`${showUrl(url)}\``,
    {
      hint: OTHER_FILE_HINT,
    },
  );
}
