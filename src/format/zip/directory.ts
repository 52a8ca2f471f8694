/**
 * Where the directory of a zip archive is, and what it lists (APPNOTE.TXT 4.3). It is read from the end: the last record
 * says where the directory begins, and can have a comment of up to 64 KiB behind it. Larger archives have a second such
 * record with wider numbers before it (zip64), and before that one's place another small one.
 *
 * Two programs that read a strange archive can find two different directories in it, which attacks live on. So nothing is
 * taken that is not just so: the records follow one another without gaps, and what two of them say is the same.
 */
import { CopseError } from "#base";
import { CENTRAL_HEADER_BYTES, parseCentralEntry, readUint64, type ZipEntry } from "./entry.ts";
import { readAt, type ZipSource, zipInvalid } from "./source.ts";

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const END64_SIGNATURE = 0x06064b50;
const END64_BYTES = 56;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_BYTES = 20;

// Most archives' directories are as near to the end; one read is enough for their last record.
const TAIL_BYTES = 16 * 1024;

export interface ZipLimits {
  /** Of the directory in memory. */
  readonly maxDirectoryBytes: number;
  /** Of all entries together, unpacked. */
  readonly maxBytes: number;
}

export const DEFAULT_ZIP_LIMITS: ZipLimits = { maxDirectoryBytes: 64 * 2 ** 20, maxBytes: 2 ** 40 };

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Where the last entry's bytes end. */
  readonly offset: number;
}

interface Place {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly count: number;
}

/** Throws CopseError `zip-invalid`, `zip-path`, `zip-encrypted`, `zip-too-large`. */
export async function readDirectory(source: ZipSource, limits: ZipLimits): Promise<ZipDirectory> {
  const { offset, sizeBytes, count } = await findDirectory(source);
  if (sizeBytes > limits.maxDirectoryBytes)
    throw new CopseError("zip-too-large", `Directory of a zip archive is too large: \`${sizeBytes} bytes\``);
  if (count * CENTRAL_HEADER_BYTES > sizeBytes) throw zipInvalid("its directory is damaged");
  const bytes = await readAt(source, offset, sizeBytes);
  const entries: ZipEntry[] = [];
  let total = 0;
  for (let at = 0; at < sizeBytes; ) {
    const { entry, end } = parseCentralEntry(bytes, at);
    entries.push(entry);
    total += entry.sizeBytes;
    at = end;
  }
  if (entries.length !== count) throw zipInvalid("its directory has another number of entries than it says");
  if (total > limits.maxBytes)
    throw new CopseError("zip-too-large", `Zip archive unpacks to more than is allowed: \`${total} bytes\``);
  return { entries, offset };
}

async function findDirectory(source: ZipSource): Promise<Place> {
  const end = await findEnd(source);
  const place = { offset: end.bytes.readUInt32LE(16), sizeBytes: end.bytes.readUInt32LE(12) };
  const small = { ...place, count: end.bytes.readUInt16LE(10) };
  const disks = [end.bytes.readUInt16LE(4), end.bytes.readUInt16LE(6), end.bytes.readUInt16LE(8)] as const;
  const large = await findLargeEnd(source, end.offset);
  if (large !== undefined) return agreed(small, large);
  if (disks[0] !== 0 || disks[1] !== 0 || disks[2] !== small.count)
    throw zipInvalid("it is one of several parts");
  if (small.offset + small.sizeBytes !== end.offset)
    throw zipInvalid("its directory is not where it should be");
  return small;
}

/** The last record, whose comment must end with the archive. */
async function findEnd(source: ZipSource): Promise<{ readonly bytes: Buffer; readonly offset: number }> {
  for (const window of [TAIL_BYTES, END_BYTES + MAX_COMMENT_BYTES]) {
    const length = Math.min(window, source.size);
    const tail = await readAt(source, source.size - length, length);
    for (let at = length - END_BYTES; at >= 0; at--) {
      if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== END_SIGNATURE) continue;
      if (at + END_BYTES + tail.readUInt16LE(at + 20) !== length) continue;
      return { bytes: Buffer.from(tail.subarray(at, at + END_BYTES)), offset: source.size - length + at };
    }
    if (length === source.size) break;
  }
  throw zipInvalid("it is truncated, or no zip archive at all");
}

async function findLargeEnd(source: ZipSource, endOffset: number): Promise<Place | undefined> {
  if (endOffset < LOCATOR_BYTES + END64_BYTES) return undefined;
  const locatorOffset = endOffset - LOCATOR_BYTES;
  const locator = await readAt(source, locatorOffset, LOCATOR_BYTES);
  if (locator.readUInt32LE(0) !== LOCATOR_SIGNATURE) return undefined;
  const offset = readUint64(locator, 8);
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) > 1)
    throw zipInvalid("it is one of several parts");
  if (offset + END64_BYTES > locatorOffset) throw zipInvalid("its directory is not where it should be");
  const end = await readAt(source, offset, END64_BYTES);
  if (end.readUInt32LE(0) !== END64_SIGNATURE || offset + 12 + readUint64(end, 4) !== locatorOffset)
    throw zipInvalid("its directory is not where it should be");
  const place = { offset: readUint64(end, 48), sizeBytes: readUint64(end, 40), count: readUint64(end, 32) };
  if (end.readUInt32LE(16) !== 0 || end.readUInt32LE(20) !== 0 || readUint64(end, 24) !== place.count)
    throw zipInvalid("it is one of several parts");
  if (place.offset + place.sizeBytes !== offset) throw zipInvalid("its directory is not where it should be");
  return place;
}

/** Where the small record has a number at all, it is the same one. */
function agreed(small: Place, large: Place): Place {
  const agrees =
    [0xffffffff, large.offset].includes(small.offset) &&
    [0xffffffff, large.sizeBytes].includes(small.sizeBytes) &&
    [0xffff, large.count].includes(small.count);
  if (!agrees) throw zipInvalid("it has two directories");
  return large;
}
