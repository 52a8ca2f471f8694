/**
 * For tests: the smallest library that has all that we read, in each word size and byte order. One segment holds the whole
 * file, loaded at an address that is not its offset.
 */
const ADDRESS = 0x10000;

export interface ElfSample {
  readonly bits: 32 | 64;
  readonly byteOrder: "little" | "big";
  readonly machine: number;
  readonly needed: readonly string[];
  readonly soname: string;
  readonly rpath: string;
  readonly runpath: string;
  readonly versionNeeds: readonly { readonly library: string; readonly versions: readonly string[] }[];
  /** Instead of the right distance from one library's record to the next. */
  readonly needDistance?: number;
}

class Writer {
  readonly #bytes: number[] = [];
  readonly #is64: boolean;
  readonly #isLittle: boolean;

  constructor({ bits, byteOrder }: Pick<ElfSample, "bits" | "byteOrder">) {
    this.#is64 = bits === 64;
    this.#isLittle = byteOrder === "little";
  }

  number(value: number, size: number): this {
    const bytes = Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
    this.#bytes.push(...(this.#isLittle ? bytes : bytes.reverse()));
    return this;
  }

  half = (value: number): this => this.number(value, 2);
  word = (value: number): this => this.number(value, 4);
  address = (value: number): this => this.number(value, this.#is64 ? 8 : 4);

  get bytes(): Buffer {
    return Buffer.from(this.#bytes);
  }
}

class Strings {
  #text = "\0";

  add(text: string): number {
    const offset = this.#text.length;
    this.#text += `${text}\0`;
    return offset;
  }

  get bytes(): Buffer {
    return Buffer.from(this.#text, "latin1");
  }
}

export function makeElf(sample: ElfSample): Buffer {
  const is64 = sample.bits === 64;
  const strings = new Strings();
  const needed = sample.needed.map((name) => strings.add(name));
  const texts = [
    [14, strings.add(sample.soname)],
    [15, strings.add(sample.rpath)],
    [29, strings.add(sample.runpath)],
  ] as const;
  const needs = encodeNeeds(sample, strings);
  const header = is64 ? 64 : 52;
  const programHeader = is64 ? 56 : 32;
  const dynamicOffset = header + 2 * programHeader;
  const dynamicBytes = (needed.length + texts.length + 5) * (is64 ? 16 : 8);
  const needsOffset = dynamicOffset + dynamicBytes;
  const stringsOffset = needsOffset + needs.length;
  const total = stringsOffset + strings.bytes.length;
  const writer = new Writer(sample);
  writer.number(0, 0).half(3).half(sample.machine).word(1);
  writer.address(0).address(header).address(0).word(0);
  writer.half(header).half(programHeader).half(2).half(0).half(0).half(0);
  for (const [kind, offset, size] of [
    [1, 0, total],
    [2, dynamicOffset, dynamicBytes],
  ] as const) {
    writer.word(kind);
    if (is64) writer.word(4);
    writer
      .address(offset)
      .address(ADDRESS + offset)
      .address(ADDRESS + offset)
      .address(size)
      .address(size);
    if (!is64) writer.word(4);
    writer.address(8);
  }
  const tags: (readonly [number, number])[] = needed.map((offset) => [1, offset]);
  tags.push([5, ADDRESS + stringsOffset], [10, strings.bytes.length], ...texts);
  tags.push([0x6ffffffe, ADDRESS + needsOffset], [0x6fffffff, sample.versionNeeds.length], [0, 0]);
  for (const [tag, value] of tags) writer.address(tag).address(value);
  const ident = [0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, sample.byteOrder === "little" ? 1 : 2, 1];
  return Buffer.concat([Buffer.from(ident), Buffer.alloc(9), writer.bytes, needs, strings.bytes]);
}

function encodeNeeds({ versionNeeds, needDistance, ...sample }: ElfSample, strings: Strings): Buffer {
  const writer = new Writer(sample);
  for (const [i, { library, versions }] of versionNeeds.entries()) {
    const isLast = i === versionNeeds.length - 1;
    writer.half(1).half(versions.length).word(strings.add(library)).word(16);
    writer.word(isLast ? 0 : (needDistance ?? 16 + 16 * versions.length));
    for (const [j, version] of versions.entries())
      writer
        .word(0)
        .half(0)
        .half(2 + j)
        .word(strings.add(version))
        .word(j === versions.length - 1 ? 0 : 16);
  }
  return writer.bytes;
}
