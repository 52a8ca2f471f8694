/** Where an archive's bytes are: a file, a server that answers ranges, or memory. */
import { CopseError } from "#base";

export interface ZipSource {
  /** Of the whole, in bytes. */
  readonly size: number;
  /** Exactly these bytes, which lie inside of it, in memory that does not change afterwards. */
  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array;
}

export function sourceOfBytes(bytes: Uint8Array): ZipSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** As a Buffer. Throws CopseError `zip-invalid` for what would lie outside. */
export async function readAt(source: ZipSource, offset: number, length: number): Promise<Buffer> {
  if (offset < 0 || length < 0 || offset + length > source.size) throw zipInvalid("it is truncated");
  const bytes = await source.read(offset, length);
  if (bytes.length !== length) throw zipInvalid("it is truncated");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function zipInvalid(problem: string, path?: string, cause?: unknown): CopseError {
  const value = path === undefined ? "" : `: \`${shownName(path)}\``;
  return new CopseError("zip-invalid", `Invalid zip archive, ${problem}${value}`, { cause });
}

const MAX_SHOWN = 160;

/** A name from an archive in a message: it may be long, and have what a terminal obeys. */
export function shownName(name: string): string {
  const text = name.replace(/[^\x20-\x7e\u00a1-\ud7ff\ue000-\ufffc]/g, "?");
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
