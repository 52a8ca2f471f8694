/** Deflated data as a stream, in bounded memory: what is unpacked waits until it is taken. */
import { Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";
import { CopseError } from "#base";
import type { ZipEntry } from "./entry.ts";
import { zipInvalid } from "./source.ts";

// Smaller ones cost more than what they hold: each is new memory, and a way to another thread and back.
const CHUNK_BYTES = 1 << 20;

/** Throws CopseError `zip-invalid`, and what the source throws. */
export async function* inflateStream(
  source: AsyncIterable<Buffer>,
  entry: ZipEntry,
): AsyncGenerator<Buffer, void, void> {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  const readable = Readable.from(source, { objectMode: false, highWaterMark: CHUNK_BYTES });
  readable.once("error", (error) => inflate.destroy(error));
  readable.pipe(inflate);
  try {
    for await (const chunk of inflate) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof CopseError || !isZlibError(error)) throw error;
    throw zipInvalid("an entry cannot be unpacked", entry.path, error);
  } finally {
    readable.destroy();
    inflate.destroy();
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}
