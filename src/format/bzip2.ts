/**
 * bzip2, reading only: build logs of C++ Nix are kept in it.
 *
 * A stream is `BZh` and a digit, the block size in units of 100,000 bytes, then blocks of bits, not of bytes. A block's
 * text was turned by the Burrows-Wheeler transform, then by move-to-front and run lengths of zeros, and written by up to
 * six Huffman codes, one for each group of 50 symbols. Before all that, runs of four equal bytes and more were
 * shortened: four bytes, and a fifth that says how many more. Each block and the whole stream have a CRC-32, of the kind
 * that takes the highest bit first. Streams may follow each other. There is no specification; Joe Tsai's "bzip2 format"
 * describes what the program does.
 */
import { CopseError } from "#base";

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const GROUP_SYMBOLS = 50;
const MAX_CODE_BITS = 20;
const RUN_A = 0;
const RUN_B = 1;

export interface Bzip2Options {
  /** What it may unpack to: a few bytes can stand for very many. */
  readonly maxBytes: number;
}

/** The contents of one or more streams. Throws CopseError `bzip2-invalid`, `too-large`. */
export function decodeBzip2(bytes: Uint8Array, { maxBytes }: Bzip2Options): Buffer {
  const reader = new BitReader(bytes);
  const blocks: Buffer[] = [];
  let sizeBytes = 0;
  do {
    for (const block of decodeStream(reader)) {
      sizeBytes += block.length;
      if (sizeBytes > maxBytes) {
        throw new CopseError("too-large", `Contents are larger than the bytes allowed: \`${maxBytes}\``);
      }
      blocks.push(block);
    }
    reader.align();
  } while (!reader.atEnd);
  return Buffer.concat(blocks);
}

function* decodeStream(reader: BitReader): Generator<Buffer> {
  if (reader.take(24) !== 0x425a68) throw invalid("does not begin with BZh");
  const level = reader.take(8) - 0x30;
  if (level < 1 || level > 9) throw invalid("unknown block size");
  let streamCrc = 0;
  for (;;) {
    const magic = reader.take(24) * 2 ** 24 + reader.take(24);
    if (magic !== BLOCK_MAGIC && magic !== END_MAGIC) throw invalid("unknown kind of block");
    const crc = reader.take(16) * 2 ** 16 + reader.take(16);
    if (magic === END_MAGIC) {
      if (crc !== streamCrc) throw invalid("wrong checksum");
      return;
    }
    const block = expandRuns(decodeBlock(reader, level * 100_000));
    if (crcOf(block) !== crc) throw invalid("wrong checksum of a block");
    streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ crc) >>> 0;
    yield block;
  }
}

/** One block up to the first run-length coding. */
function decodeBlock(reader: BitReader, capacity: number): Uint8Array {
  if (reader.take(1) === 1) throw invalid("randomised blocks have not been written for decades");
  const start = reader.take(24);
  const bytesUsed = readBytesUsed(reader);
  const symbols = decodeSymbols(reader, bytesUsed, capacity);
  if (start >= symbols.length) throw invalid("block begins behind its end");
  return invertTransform(symbols, start);
}

/** The bytes that occur: a map of sixteen ranges, and a map of each that is used. */
function readBytesUsed(reader: BitReader): number[] {
  const ranges = reader.take(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const map = reader.take(16);
    for (let i = 0; i < 16; i++) if ((map & (0x8000 >> i)) !== 0) used.push(range * 16 + i);
  }
  if (used.length === 0) throw invalid("block without bytes");
  return used;
}

function decodeSymbols(reader: BitReader, bytesUsed: number[], capacity: number): Uint8Array {
  const tableCount = reader.take(3);
  const groupCount = reader.take(15);
  if (tableCount < 2 || tableCount > 6 || groupCount === 0) throw invalid("impossible number of codes");
  const groups = readGroups(reader, groupCount, tableCount);
  const alphabet = bytesUsed.length + 2;
  const tables = Array.from({ length: tableCount }, () => readCode(reader, alphabet));
  const endOfBlock = alphabet - 1;
  const front = Uint8Array.from(bytesUsed);
  const out = new Uint8Array(capacity);
  let length = 0;
  let run = 0;
  let runBit = 1;
  const flushRun = (): void => {
    if (run === 0) return;
    if (length + run > capacity) throw invalid("block is longer than it may be");
    out.fill(front[0]!, length, length + run);
    length += run;
    run = 0;
    runBit = 1;
  };
  for (const group of groups) {
    const code = tables[group]!;
    for (let i = 0; i < GROUP_SYMBOLS; i++) {
      const symbol = code.read(reader);
      if (symbol === RUN_A || symbol === RUN_B) {
        // A number in base two with the digits 1 and 2, lowest first.
        run += runBit << symbol;
        runBit <<= 1;
        if (run > capacity) throw invalid("run is longer than a block");
        continue;
      }
      flushRun();
      if (symbol === endOfBlock) return out.subarray(0, length);
      if (length >= capacity) throw invalid("block is longer than it may be");
      const byte = front[symbol - 1]!;
      front.copyWithin(1, 0, symbol - 1);
      front[0] = byte;
      out[length++] = byte;
    }
  }
  throw invalid("block has no end");
}

/** Which code each group of symbols is in: move-to-front numbers in unary. */
function readGroups(reader: BitReader, count: number, tableCount: number): Uint8Array {
  const front = Array.from({ length: tableCount }, (_, index) => index);
  const groups = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let place = 0;
    while (reader.take(1) === 1) if (++place >= tableCount) throw invalid("unknown code of a group");
    const [table] = front.splice(place, 1) as [number];
    front.unshift(table);
    groups[i] = table;
  }
  return groups;
}

/** Lengths of the codes of all symbols, each told by its difference from the one before. */
function readCode(reader: BitReader, alphabet: number): HuffmanCode {
  const lengths = new Uint8Array(alphabet);
  let length = reader.take(5);
  for (let symbol = 0; symbol < alphabet; symbol++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE_BITS) throw invalid("impossible length of a code");
      if (reader.take(1) === 0) break;
      length += reader.take(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return new HuffmanCode(lengths);
}

/** A canonical code: of equal lengths, codes count up with the symbols. */
class HuffmanCode {
  readonly #symbols: number[] = [];
  /** For each length: the first code, how many there are, and where their symbols begin. */
  readonly #first: number[] = [];
  readonly #count: number[] = [];
  readonly #offset: number[] = [];

  constructor(lengths: Uint8Array) {
    let code = 0;
    for (let length = 0; length <= MAX_CODE_BITS; length++) {
      this.#first[length] = code;
      this.#offset[length] = this.#symbols.length;
      lengths.forEach((each, symbol) => {
        if (each === length) this.#symbols.push(symbol);
      });
      this.#count[length] = this.#symbols.length - this.#offset[length]!;
      code = (code + this.#count[length]!) << 1;
    }
  }

  read(reader: BitReader): number {
    const ahead = reader.peek(MAX_CODE_BITS);
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      const index = (ahead >>> (MAX_CODE_BITS - length)) - this.#first[length]!;
      if (index < 0 || index >= this.#count[length]!) continue;
      reader.skip(length);
      return this.#symbols[this.#offset[length]! + index]!;
    }
    throw invalid("unknown code");
  }
}

/** Back from the sorted rotations' last column to the text. */
function invertTransform(last: Uint8Array, start: number): Uint8Array {
  const counts = new Uint32Array(257);
  for (const byte of last) counts[byte + 1]!++;
  for (let byte = 0; byte < 256; byte++) counts[byte + 1]! += counts[byte]!;
  const next = new Uint32Array(last.length);
  for (let i = 0; i < last.length; i++) next[counts[last[i]!]!++] = i;
  const text = new Uint8Array(last.length);
  for (let i = 0, at = next[start]!; i < text.length; i++, at = next[at]!) text[i] = last[at]!;
  return text;
}

function expandRuns(text: Uint8Array): Buffer {
  let size = 0;
  eachRun(text, (_, count) => {
    size += count;
  });
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  eachRun(text, (byte, count) => {
    out.fill(byte, at, at + count);
    at += count;
  });
  return out;
}

function eachRun(text: Uint8Array, take: (byte: number, count: number) => void): void {
  for (let i = 0; i < text.length; ) {
    const byte = text[i]!;
    let count = 1;
    while (count < 4 && text[i + count] === byte) count++;
    i += count;
    // What the fifth byte says is a number, also where the text ends before it.
    if (count === 4) count += text[i++] ?? 0;
    take(byte, count);
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = ((crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ byte]!) >>> 0;
  return ~crc >>> 0;
}

/** Bits, the highest of each byte first. */
class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** At most 24 bits. */
  take(count: number): number {
    while (this.#count < count) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) throw invalid("ends too early");
      this.#bits = ((this.#bits << 8) | byte) >>> 0;
      this.#count += 8;
    }
    this.#count -= count;
    const value = (this.#bits >>> this.#count) & ((1 << count) - 1);
    this.#bits &= (1 << this.#count) - 1;
    return value;
  }

  /** The next bits, which stay; zeros behind the end. */
  peek(count: number): number {
    while (this.#count < count) {
      this.#bits = ((this.#bits << 8) | (this.#bytes[this.#position++] ?? 0)) >>> 0;
      this.#count += 8;
    }
    return (this.#bits >>> (this.#count - count)) & ((1 << count) - 1);
  }

  /** Past bits that were peeked at. */
  skip(count: number): void {
    this.#count -= count;
    this.#bits &= (1 << this.#count) - 1;
    if (this.#position - (this.#count >> 3) > this.#bytes.length) throw invalid("ends too early");
  }

  /** To the next whole byte. */
  align(): void {
    this.#position -= this.#count >> 3;
    this.#count = 0;
    this.#bits = 0;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }
}

function invalid(problem: string): CopseError {
  return new CopseError("bzip2-invalid", `Invalid bzip2 stream: ${problem}`);
}
