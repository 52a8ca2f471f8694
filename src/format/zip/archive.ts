/**
 * A zip archive: its entries, and the contents of any of them (APPNOTE.TXT).
 *
 * Opening reads the directory alone, so that one file out of a huge archive on a server costs little. What is refused as a
 * whole: names that lead out of the archive, two entries of one name or a file with others below it, entries that share
 * bytes (which is how a small archive unpacks to terabytes), encryption. Contents are checked against size and CRC; they
 * are true once the iteration has ended without error, and never longer than stated.
 */
import { crc32, inflateRawSync } from "node:zlib";
import { CopseError } from "#base";
import { DEFAULT_ZIP_LIMITS, readDirectory, type ZipDirectory, type ZipLimits } from "./directory.ts";
import { REFUSED_FLAGS, type ZipEntry } from "./entry.ts";
import { inflateStream } from "./inflate-stream.ts";
import { readAt, shownName, type ZipSource, zipInvalid } from "./source.ts";

const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
// Extra fields rarely have more.
const USUAL_EXTRA_BYTES = 64;

/** Up to here an entry is read and unpacked at once, which costs half of what pieces do; beyond, in pieces. */
const MAX_AT_ONCE_BYTES = 4 << 20;
const PIECE_BYTES = 1 << 20;
/** zlib takes no smaller buffers. */
const MIN_CHUNK_BYTES = 64;

/** Throws CopseError `zip-invalid`, `zip-path`, `zip-encrypted`, `zip-too-large`, `zip-duplicate`. */
export async function openZip(source: ZipSource, limits: Partial<ZipLimits> = {}): Promise<ZipArchive> {
  const directory = await readDirectory(source, { ...DEFAULT_ZIP_LIMITS, ...limits });
  checkNames(directory.entries);
  return new ZipArchive(source, directory);
}

class ZipArchive {
  /** In the order of the directory. */
  readonly entries: readonly ZipEntry[];
  readonly #source: ZipSource;
  /** For each entry, where the next thing in the archive begins. */
  readonly #limits: ReadonlyMap<ZipEntry, number>;
  readonly #byPath: ReadonlyMap<string, ZipEntry>;

  constructor(source: ZipSource, directory: ZipDirectory) {
    this.#source = source;
    this.entries = directory.entries;
    this.#limits = limitsOf(directory);
    this.#byPath = new Map(directory.entries.map((entry) => [entry.path, entry]));
  }

  find(path: string): ZipEntry | undefined {
    return this.#byPath.get(path);
  }

  /** In pieces of a few MB at most. Throws CopseError `zip-invalid`, `zip-method`. */
  async *contents(entry: ZipEntry): AsyncGenerator<Buffer, void, void> {
    if (isSmall(entry)) {
      const contents = await this.#unpackSmall(entry);
      if (contents.length > 0) yield contents;
      return;
    }
    refuseUnknownMethod(entry);
    const stored = this.#readPieces(entry);
    const pieces = entry.method === "stored" ? stored : inflateStream(stored, entry);
    let sizeBytes = 0;
    let checksum = 0;
    for await (const piece of pieces) {
      sizeBytes += piece.length;
      if (sizeBytes > entry.sizeBytes) break;
      checksum = crc32(piece, checksum);
      yield piece;
    }
    check(entry, sizeBytes, checksum);
  }

  /** All of an entry that is known to be small. Throws CopseError `zip-too-large` for more than `maxBytes`. */
  async read(entry: ZipEntry, maxBytes: number): Promise<Buffer> {
    if (entry.sizeBytes > maxBytes)
      throw new CopseError(
        "zip-too-large",
        `Entry of a zip archive is too large: \`${shownName(entry.path)}\``,
      );
    if (isSmall(entry)) return await this.#unpackSmall(entry);
    const pieces: Buffer[] = [];
    for await (const piece of this.contents(entry)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async #unpackSmall(entry: ZipEntry): Promise<Buffer> {
    refuseUnknownMethod(entry);
    return unpackAtOnce(entry, await this.#readSmall(entry));
  }

  /** Header and contents by one read, unless the header is longer than usual. */
  async #readSmall(entry: ZipEntry): Promise<Buffer> {
    const limit = this.#limits.get(entry)!;
    const guess = LOCAL_HEADER_BYTES + entry.rawName.length + USUAL_EXTRA_BYTES + entry.compressedBytes;
    const length = Math.min(guess, limit - entry.headerOffset);
    const bytes = await readAt(this.#source, entry.headerOffset, length);
    const start = dataStart(entry, bytes);
    const end = start + entry.compressedBytes;
    if (end <= bytes.length) return bytes.subarray(start, end);
    if (entry.headerOffset + end > limit) throw zipInvalid("two entries share bytes", entry.path);
    return readAt(this.#source, entry.headerOffset + start, entry.compressedBytes);
  }

  async *#readPieces(entry: ZipEntry): AsyncGenerator<Buffer, void, void> {
    const header = await readAt(this.#source, entry.headerOffset, LOCAL_HEADER_BYTES + entry.rawName.length);
    let at = entry.headerOffset + dataStart(entry, header);
    const end = at + entry.compressedBytes;
    if (end > this.#limits.get(entry)!) throw zipInvalid("two entries share bytes", entry.path);
    for (; at < end; at += PIECE_BYTES) yield await readAt(this.#source, at, Math.min(PIECE_BYTES, end - at));
  }
}

export type { ZipArchive };

function isSmall({ compressedBytes, sizeBytes }: ZipEntry): boolean {
  return compressedBytes <= MAX_AT_ONCE_BYTES && sizeBytes <= MAX_AT_ONCE_BYTES;
}

function refuseUnknownMethod({ method, path }: ZipEntry): void {
  if (method !== "unsupported") return;
  throw new CopseError(
    "zip-method",
    `Zip archive has an entry with unknown compression: \`${shownName(path)}\``,
  );
}

/** Where the contents begin, counted from the entry's own header, which must say what the directory does. */
function dataStart(entry: ZipEntry, header: Buffer): number {
  const nameEnd = LOCAL_HEADER_BYTES + entry.rawName.length;
  const agrees =
    header.length >= nameEnd &&
    header.readUInt32LE(0) === LOCAL_SIGNATURE &&
    (header.readUInt16LE(6) & REFUSED_FLAGS) === 0 &&
    header.readUInt16LE(8) === (entry.method === "stored" ? 0 : 8) &&
    header.readUInt16LE(26) === entry.rawName.length &&
    header.subarray(LOCAL_HEADER_BYTES, nameEnd).equals(entry.rawName);
  if (!agrees) throw zipInvalid("an entry is not what the directory says", entry.path);
  return nameEnd + header.readUInt16LE(28);
}

function unpackAtOnce(entry: ZipEntry, bytes: Buffer): Buffer {
  const contents = entry.method === "stored" ? bytes : inflateAtOnce(entry, bytes);
  check(entry, contents.length, crc32(contents));
  return contents;
}

function inflateAtOnce(entry: ZipEntry, bytes: Buffer): Buffer {
  // One buffer for all of it: by default it comes in pieces of 16 KiB, which are put together at the end.
  const room = Math.max(MIN_CHUNK_BYTES, entry.sizeBytes);
  try {
    return inflateRawSync(bytes, { chunkSize: room, maxOutputLength: Math.max(1, entry.sizeBytes) });
  } catch (error) {
    throw zipInvalid("an entry cannot be unpacked", entry.path, error);
  }
}

function check(entry: ZipEntry, sizeBytes: number, checksum: number): void {
  if (sizeBytes !== entry.sizeBytes) throw zipInvalid("an entry has another size than stated", entry.path);
  if (checksum !== entry.crc32) throw zipInvalid("an entry's checksum is wrong", entry.path);
}

/** Entries may not share bytes, with each other or with the directory. */
function limitsOf({ entries, offset }: ZipDirectory): ReadonlyMap<ZipEntry, number> {
  const limits = new Map<ZipEntry, number>();
  const inOrder = [...entries].sort((a, b) => a.headerOffset - b.headerOffset);
  for (const [i, entry] of inOrder.entries()) {
    const limit = inOrder[i + 1]?.headerOffset ?? offset;
    const least = entry.headerOffset + LOCAL_HEADER_BYTES + entry.rawName.length + entry.compressedBytes;
    if (least > limit) throw zipInvalid("two entries share bytes", entry.path);
    limits.set(entry, limit);
  }
  return limits;
}

/**
 * Sorted so that `/` comes before all else, whatever is below a path stands right behind it; a look at neighbours is
 * enough, however many and deep the paths are.
 */
function checkNames(entries: readonly ZipEntry[]): void {
  const places = entries.map(({ path, kind }) => ({ place: path.replaceAll("/", "\0"), kind }));
  places.sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0));
  for (const [i, { place, kind }] of places.entries()) {
    const next = places[i + 1]?.place;
    if (next === place || (kind !== "directory" && next?.startsWith(`${place}\0`)))
      throw duplicate(place.replaceAll("\0", "/"));
  }
}

function duplicate(path: string): CopseError {
  return new CopseError("zip-duplicate", `Zip archive has two entries for one place: \`${shownName(path)}\``);
}

/** Paths that differ in case alone, and so are one where case does not count. In groups of two and more. */
export function caseCollisions(entries: readonly ZipEntry[]): readonly (readonly string[])[] {
  const byFolded = new Map<string, string[]>();
  for (const { path } of entries) {
    const folded = path.normalize("NFC").toLowerCase();
    const group = byFolded.get(folded);
    if (group === undefined) byFolded.set(folded, [path]);
    else group.push(path);
  }
  return [...byFolded.values()].filter((group) => group.length > 1);
}
