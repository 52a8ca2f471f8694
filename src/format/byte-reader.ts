/**
 * Reads exact numbers of bytes out of a stream of chunks, for the archive formats.
 *
 * Bytes that lie in one chunk are handed out as a view on it; only what straddles two chunks is copied, so
 * file contents pass through untouched. Everything is demand-driven: `await need(n)` until n bytes are there,
 * then `take(n)` at once. As most headers are there already, callers ask `has(n)` first and spare the await.
 */
import { type ByteString, CopseError } from "#base";

export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  readonly #code: string;
  readonly #format: string;
  readonly #pending: Buffer[] = [];
  // Bytes of the first pending chunk that were taken already.
  #offset = 0;
  #available = 0;
  #taken = 0;
  #ended = false;

  /** `code` is that of the errors, `format` what they call the input: `NAR`, `tar archive`. */
  constructor(source: ByteSource, options: { readonly code: string; readonly format: string }) {
    this.#source =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#code = options.code;
    this.#format = options.format;
  }

  /** How many bytes were taken: the place that errors name. */
  get position(): number {
    return this.#taken;
  }

  has(count: number): boolean {
    return this.#available >= count;
  }

  /** Waits until `count` bytes can be taken. False if the source ends before. */
  async fill(count: number): Promise<boolean> {
    while (this.#available < count) {
      if (this.#ended) return false;
      const result = await this.#source.next();
      if (result.done) this.#ended = true;
      else if (result.value.length > 0) {
        this.#pending.push(asBuffer(result.value));
        this.#available += result.value.length;
      }
    }
    return true;
  }

  /** As `fill`, but the end of the source is an error. */
  async need(count: number): Promise<void> {
    if (this.#available >= count || (await this.fill(count))) return;
    throw new CopseError(
      this.#code,
      `Truncated ${this.#format}: ${count} bytes expected, ${this.#available} left at byte ${this.#taken}`,
    );
  }

  /** Bytes that `need` or `fill` made sure of. */
  take(count: number): Buffer {
    if (count > this.#available) throw new Error("ByteReader.take without need");
    if (count === 0) return EMPTY;
    const first = this.#pending[0]!;
    if (first.length - this.#offset >= count) return this.#takeOfFirst(count);
    const bytes = Buffer.allocUnsafe(count);
    let filled = 0;
    while (filled < count) {
      const piece = this.#takeOfFirst(Math.min(count - filled, this.#pending[0]!.length - this.#offset));
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes;
  }

  // The following spare making a view for what is tiny and looked at once.

  /** As `take`, as a byte string. */
  takeString(count: number): ByteString {
    const first = this.#pending[0];
    if (first === undefined || first.length - this.#offset < count)
      return this.take(count).toString("latin1");
    const text = first.toString("latin1", this.#offset, this.#offset + count);
    this.#advance(count);
    return text;
  }

  /** Takes as many bytes as are expected, and tells whether these are they. */
  takeIfEqual(expected: Uint8Array): boolean {
    const first = this.#pending[0];
    const fits = first !== undefined && first.length - this.#offset >= expected.length;
    const start = fits ? this.#offset : 0;
    const bytes = fits ? first : this.take(expected.length);
    if (fits) this.#advance(expected.length);
    for (let i = 0; i < expected.length; i++) if (bytes[start + i] !== expected[i]) return false;
    return true;
  }

  /** Takes 8 bytes as an unsigned number, little end first; an unsafe integer is only nearly right. */
  takeUint64(): number {
    const first = this.#pending[0];
    const fits = first !== undefined && first.length - this.#offset >= 8;
    const start = fits ? this.#offset : 0;
    const bytes = fits ? first : this.take(8);
    if (fits) this.#advance(8);
    return bytes.readUInt32LE(start) + bytes.readUInt32LE(start + 4) * 2 ** 32;
  }

  async read(count: number): Promise<Buffer> {
    if (this.#available < count) await this.need(count);
    return this.take(count);
  }

  /** The next bytes as they lie in one chunk: at least 1, at most `max`. */
  async readSome(max: number): Promise<Buffer> {
    if (this.#available === 0) await this.need(1);
    return this.#takeOfFirst(Math.min(max, this.#pending[0]!.length - this.#offset));
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) left -= (await this.readSome(left)).length;
  }

  /** True once all bytes were taken and the source has no more. */
  async atEnd(): Promise<boolean> {
    return !(await this.fill(1));
  }

  /** Tells the source that no more will be read. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#source.return?.();
  }

  error(problem: string): CopseError {
    return new CopseError(this.#code, `Invalid ${this.#format} at byte ${this.#taken}: ${problem}`);
  }

  #takeOfFirst(count: number): Buffer {
    const first = this.#pending[0]!;
    const start = this.#offset;
    this.#advance(count);
    return start === 0 && count === first.length ? first : first.subarray(start, start + count);
  }

  // By no more than what is left of the first chunk.
  #advance(count: number): void {
    this.#available -= count;
    this.#taken += count;
    this.#offset += count;
    if (this.#offset === this.#pending[0]?.length) {
      this.#pending.shift();
      this.#offset = 0;
    }
  }
}

const EMPTY = Buffer.alloc(0);

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A stretch of a reader's bytes that can be iterated once, chunk by chunk. Whoever goes on reading behind it
 * calls `finish` first, which skips what nobody wanted.
 */
export class ByteSection implements AsyncIterable<Uint8Array> {
  readonly #reader: ByteReader;
  #left: number;

  constructor(reader: ByteReader, sizeBytes: number) {
    this.#reader = reader;
    this.#left = sizeBytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    while (this.#left > 0) {
      const chunk = await this.#reader.readSome(this.#left);
      this.#left -= chunk.length;
      yield chunk;
    }
  }

  async finish(): Promise<void> {
    const left = this.#left;
    this.#left = 0;
    await this.#reader.skip(left);
  }
}

/** All bytes of a source that is known to be small. Throws CopseError `too-large` for more than `maxBytes`. */
export async function collectBytes(source: ByteSource, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes)
      throw new CopseError("too-large", `Contents are larger than the bytes allowed: \`${maxBytes}\``);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
