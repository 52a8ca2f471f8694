/**
 * The bytes of an ELF file, in its own word size and order, and its parts by the addresses that they have once loaded.
 *
 * Only what is asked for is read, as libraries can have gigabytes and a table of names alone a hundred megabytes; whatever
 * a file claims, one read is limited.
 */
import { CopseError } from "#base";

export interface ElfSource {
  /** In bytes. */
  readonly size: number;
  /** Exactly these bytes, which lie inside of it, in memory that does not change afterwards. */
  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array;
}

/** A stretch of the file, and the address that it has once loaded. */
export interface Segment {
  readonly kind: number;
  readonly offset: number;
  readonly address: number;
  readonly sizeBytes: number;
}

const LOADED = 1;
const MAX_READ_BYTES = 4 << 20;
/** No path is longer, and no name of a library is as long. */
const MAX_STRING_BYTES = 4096;

export class ElfImage {
  readonly is64: boolean;
  readonly isLittle: boolean;
  readonly #source: ElfSource;
  readonly #strings = new Map<number, string>();

  constructor(source: ElfSource, options: { readonly is64: boolean; readonly isLittle: boolean }) {
    this.#source = source;
    this.is64 = options.is64;
    this.isLittle = options.isLittle;
  }

  async read(offset: number, length: number): Promise<ElfBytes> {
    if (offset < 0 || length < 0 || offset + length > this.#source.size) throw elfInvalid("it is truncated");
    if (length > MAX_READ_BYTES) throw elfInvalid("a table is too large");
    return new ElfBytes(await this.#source.read(offset, length), this);
  }

  /** Up to `length` bytes: fewer at the end of the file. */
  readUpTo(offset: number, length: number): Promise<ElfBytes> {
    return this.read(offset, Math.max(0, Math.min(length, this.#source.size - offset)));
  }

  /** The text at a place of the file, up to its NUL. */
  async string(offset: number): Promise<string> {
    const known = this.#strings.get(offset);
    if (known !== undefined) return known;
    const { buffer } = await this.readUpTo(offset, MAX_STRING_BYTES);
    const end = buffer.indexOf(0);
    if (end < 0) throw elfInvalid("a name has no end");
    const text = buffer.toString("utf8", 0, end);
    this.#strings.set(offset, text);
    return text;
  }
}

/** A piece of the file. Offsets are from its beginning; reading behind its end is `elf-invalid`. */
export class ElfBytes {
  readonly buffer: Buffer;
  readonly #image: ElfImage;

  constructor(bytes: Uint8Array, image: ElfImage) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#image = image;
  }

  get length(): number {
    return this.buffer.length;
  }

  half(offset: number): number {
    this.#check(offset, 2);
    return this.#image.isLittle ? this.buffer.readUInt16LE(offset) : this.buffer.readUInt16BE(offset);
  }

  word(offset: number): number {
    this.#check(offset, 4);
    return this.#image.isLittle ? this.buffer.readUInt32LE(offset) : this.buffer.readUInt32BE(offset);
  }

  /** A number as large as an address. Beyond what is exact it is only nearly right, and no place in any file. */
  address(offset: number): number {
    if (!this.#image.is64) return this.word(offset);
    this.#check(offset, 8);
    const [high, low] = this.#image.isLittle ? [offset + 4, offset] : [offset, offset + 4];
    return this.word(high) * 2 ** 32 + this.word(low);
  }

  #check(offset: number, length: number): void {
    if (offset < 0 || offset + length > this.buffer.length) throw elfInvalid("it is truncated");
  }
}

/** The place in the file of an address. */
export function offsetOf(segments: readonly Segment[], address: number): number {
  const segment = segments.find(
    ({ kind, address: start, sizeBytes }) =>
      kind === LOADED && start <= address && address < start + sizeBytes,
  );
  if (segment === undefined) throw elfInvalid("an address is in no segment");
  return segment.offset + (address - segment.address);
}

export function elfInvalid(problem: string): CopseError {
  return new CopseError("elf-invalid", `Invalid ELF file, ${problem}`);
}
