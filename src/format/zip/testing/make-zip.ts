/** For tests: zip archives, well-formed or wrong in one place of the caller's choice. */
import { crc32, deflateRawSync } from "node:zlib";

export interface SampleEntry {
  readonly name: string | Buffer;
  readonly contents?: Buffer | string;
  readonly stored?: boolean;
  readonly flags?: number;
  readonly method?: number;
  /** Unix's, upper half of the external attributes. */
  readonly mode?: number;
  readonly crc32?: number;
  readonly sizeBytes?: number;
  /** Name in the entry's own header, if not the same. */
  readonly localName?: string;
  /** Where the directory says that the entry is. */
  readonly headerOffset?: number;
  readonly zip64?: boolean;
}

export interface SampleOptions {
  readonly comment?: Buffer;
  readonly zip64?: boolean;
  readonly prefix?: Buffer;
  /** Between the directory and the last record. */
  readonly gap?: Buffer;
  readonly count?: number;
}

const UTF8_NAME = 1 << 11;

export function makeZip(entries: readonly SampleEntry[], options: SampleOptions = {}): Buffer {
  const pieces: Buffer[] = [options.prefix ?? Buffer.alloc(0)];
  const directory: Buffer[] = [];
  let offset = pieces[0]!.length;
  for (const entry of entries) {
    const { local, central } = encodeEntry(entry, offset);
    pieces.push(local);
    directory.push(central);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = encodeEnd({
    ...options,
    entries: options.count ?? entries.length,
    offset,
    size: central.length,
  });
  return Buffer.concat([...pieces, central, options.gap ?? Buffer.alloc(0), end]);
}

function encodeEntry(entry: SampleEntry, offset: number): { local: Buffer; central: Buffer } {
  const name = Buffer.from(entry.name);
  const localName = Buffer.from(entry.localName ?? name);
  const contents = Buffer.from(entry.contents ?? "");
  const data = entry.stored ? contents : deflateRawSync(contents);
  const isUnicode = typeof entry.name === "string" && /[^\0-\x7f]/.test(entry.name);
  const flags = entry.flags ?? (isUnicode ? UTF8_NAME : 0);
  const shared = [
    u16(flags),
    u16(entry.method ?? (entry.stored ? 0 : 8)),
    u32(0),
    u32(entry.crc32 ?? crc32(contents)),
  ];
  const size = entry.sizeBytes ?? contents.length;
  const place = entry.headerOffset ?? offset;
  const sizes = entry.zip64 ? [u32(0xffffffff), u32(0xffffffff)] : [u32(data.length), u32(size)];
  // The directory's has the place as well.
  const wide = [u64(size), u64(data.length)];
  const localExtra = entry.zip64 ? extraOf(wide) : Buffer.alloc(0);
  const extra = entry.zip64 ? extraOf([...wide, u64(place)]) : Buffer.alloc(0);
  const local = [
    u32(0x04034b50),
    u16(20),
    ...shared,
    ...sizes,
    u16(localName.length),
    u16(localExtra.length),
    localName,
    localExtra,
  ];
  const central = [
    u32(0x02014b50),
    u16(0x031e),
    u16(20),
    ...shared,
    ...sizes,
    u16(name.length),
    u16(extra.length),
  ];
  const rest = [
    u16(0),
    u16(0),
    u16(0),
    u32((entry.mode ?? 0o100644) * 65536),
    u32(entry.zip64 ? 0xffffffff : place),
  ];
  return {
    local: Buffer.concat([...local, data]),
    central: Buffer.concat([...central, ...rest, name, extra]),
  };
}

/** Behind a field of another kind. */
function extraOf(fields: readonly Buffer[]): Buffer {
  const contents = Buffer.concat(fields);
  return Buffer.concat([u16(0x5455), u16(1), Buffer.from("x"), u16(1), u16(contents.length), contents]);
}

function encodeEnd(place: SampleOptions & { entries: number; offset: number; size: number }): Buffer {
  const { comment = Buffer.alloc(0), entries, offset, size } = place;
  const last = (count: number, bytes: number, at: number): Buffer[] => [
    u32(0x06054b50),
    u32(0),
    u16(count),
    u16(count),
    u32(bytes),
    u32(at),
    u16(comment.length),
    comment,
  ];
  if (!place.zip64) return Buffer.concat(last(entries, size, offset));
  const wide = [
    u32(0x06064b50),
    u64(44),
    u16(45),
    u16(45),
    u32(0),
    u32(0),
    u64(entries),
    u64(entries),
    u64(size),
    u64(offset),
  ];
  const locator = [u32(0x07064b50), u32(0), u64(offset + size), u32(1)];
  return Buffer.concat([...wide, ...locator, ...last(0xffff, 0xffffffff, 0xffffffff)]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value & 0xffff);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
