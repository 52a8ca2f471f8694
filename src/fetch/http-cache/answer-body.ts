/** The body of an answer in memory: uncompressed, whole, and no larger than was allowed. */
import { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { CopseError } from "#base";
import { type HttpResponse, networkError, showUrl } from "../http.ts";
import { type Pace, paced } from "../pace.ts";

/** What `readAnswer` can undo, for a request's header. Brotli packs best, and unpacks as fast as the others. */
export const ACCEPT_ENCODING = "br, gzip, zstd, deflate";

/** Throws `answer-too-large`, `answer-broken`, `download-slow`, or what the connection reports. */
export async function readAnswer(
  response: HttpResponse,
  { maxBytes, pace }: { readonly maxBytes: number; readonly pace?: Pace | undefined },
): Promise<Buffer> {
  const encoding = (response.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const decoder = decoderFor(encoding, response.url);
  const chunks: Buffer[] = [];
  let size = 0;
  const sent = paced(response, pace);
  const body: AsyncIterable<Buffer> = decoder ? pipeInto(Readable.from(sent), decoder) : sent;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxBytes)
        throw new CopseError(
          "answer-too-large",
          `Answer is larger than the ${maxBytes} bytes allowed: \`${showUrl(response.url)}\``,
        );
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof CopseError) throw error;
    const { code } = error as { code?: unknown };
    if (typeof code === "string" && /^(?:Z_|ERR_BROTLI|ERR_ZSTD|ZSTD_|ERR__)/.test(code))
      throw new CopseError("answer-broken", `Answer cannot be uncompressed: \`${showUrl(response.url)}\``, {
        cause: error,
      });
    throw networkError(error as Error, response.url);
  } finally {
    response.body.destroy();
    decoder?.destroy();
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
}

function pipeInto(body: Readable, decoder: Readable & NodeJS.WritableStream): AsyncIterable<Buffer> {
  // `pipe` hands on the data but not a broken connection.
  body.once("error", (error) => decoder.destroy(error));
  body.pipe(decoder);
  return decoder;
}

function decoderFor(encoding: string, url: URL): ReturnType<typeof createGunzip> | undefined {
  switch (encoding) {
    case "identity":
    case "":
      return undefined;
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    case "deflate":
      return createInflate();
    default:
      throw new CopseError(
        "answer-broken",
        `Answer is compressed in a way that was not asked for (${encoding.slice(0, 40)}): \`${showUrl(url)}\``,
      );
  }
}
