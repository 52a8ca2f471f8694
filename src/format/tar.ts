/**
 * The tar archive: Debian packages' trees, source distributions, layers of images.
 *
 * A sequence of blocks of 512 bytes. Each entry has a header block, then its contents, filled up with zeros to
 * whole blocks; two zero blocks end the archive. The header (see `parseHeader` for the places) holds numbers
 * as octal text and has grown in layers:
 *
 * - V7: a name of up to 100 bytes, mode, owner, size, mtime, checksum, a type letter and a link's target.
 * - ustar (POSIX.1-1988): the magic `ustar\0` and a `prefix` that goes before the name.
 * - GNU: the magic `ustar  \0`; numbers too large for octal in base 256, with the first bit set; pseudo-entries
 *   `L` and `K`, whose contents are the long name and the long link target of the entry that follows.
 * - pax (POSIX.1-2001): pseudo-entries `x` (for the next entry) and `g` (for all that follow), whose contents
 *   are records `<length> <key>=<value>\n` that override the header's fields.
 *
 * Paths come out normalised: no leading `./`, no trailing slash, "" for the root; an absolute one or one with
 * `..` is refused. A symbolic link's target is given as it is, and whoever unpacks must not write through
 * links. Sparse files and parts of multi-volume archives are refused. Bytes behind the end are ignored, as
 * they are by other readers.
 */
import { type ByteString, byteStringFromBytes } from "#base";
import { ByteReader, ByteSection, type ByteSource } from "./byte-reader.ts";
import { parsePaxRecords } from "./tar-pax.ts";

interface TarCommon {
  readonly path: ByteString;
  /** The permissions, with the set-id and sticky bits: at most 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970, rounded down. */
  readonly mtimeSeconds: number;
}

export type TarEntry =
  | (TarCommon & {
      readonly kind: "file";
      readonly sizeBytes: number;
      /** To be read, once, before the next entry is asked for; what is left then is skipped. */
      readonly contents: AsyncIterable<Uint8Array>;
    })
  | (TarCommon & { readonly kind: "directory" })
  | (TarCommon & { readonly kind: "symlink"; readonly target: ByteString })
  /** `target` is the path of an earlier entry. */
  | (TarCommon & { readonly kind: "hardlink"; readonly target: ByteString })
  | (TarCommon & {
      readonly kind: "device";
      readonly type: "block" | "character";
      readonly major: number;
      readonly minor: number;
    })
  | (TarCommon & { readonly kind: "fifo" });

const BLOCK_BYTES = 512;
const MAX_LONG_NAME_BYTES = 32 * 1024;
const MAX_PAX_BYTES = 1024 * 1024;

/** The entries in order. Throws CopseError `tar-invalid`. */
export async function* readTar(source: ByteSource): AsyncGenerator<TarEntry, void, void> {
  const reader = new ByteReader(source, { code: "tar-invalid", format: "tar archive" });
  try {
    yield* readEntries(reader);
    while (!(await reader.atEnd())) await reader.readSome(Number.MAX_SAFE_INTEGER);
  } finally {
    await reader.close();
  }
}

/** What pseudo-entries said about the next entry, and `g` about all. */
interface Overrides {
  readonly globalPax: Map<string, ByteString>;
  pax: Map<string, ByteString>;
  longName: ByteString | undefined;
  longLink: ByteString | undefined;
}

async function* readEntries(reader: ByteReader): AsyncGenerator<TarEntry, void, void> {
  const overrides: Overrides = {
    globalPax: new Map(),
    pax: new Map(),
    longName: undefined,
    longLink: undefined,
  };
  for (;;) {
    const block = await reader.read(BLOCK_BYTES);
    if (isZero(block)) return;
    const header = parseHeader(reader, block);
    if (await readPseudoEntry(reader, header, overrides)) continue;
    const fields = applyOverrides(reader, header, overrides);
    if (fields.type === "file") {
      const contents = new ByteSection(reader, fields.sizeBytes);
      yield { kind: "file", ...commonOf(reader, fields), sizeBytes: fields.sizeBytes, contents };
      await contents.finish();
      await reader.skip(fillBytes(fields.sizeBytes));
    } else {
      // Other readers, too, take such entries to be without contents whatever size they state.
      yield entryWithoutContents(reader, fields);
    }
    overrides.pax = new Map();
    overrides.longName = undefined;
    overrides.longLink = undefined;
  }
}

type EntryType = "file" | "directory" | "symlink" | "hardlink" | "block" | "character" | "fifo";
type PseudoType = "pax" | "global-pax" | "long-name" | "long-link" | "label";

interface Header {
  readonly type: EntryType | PseudoType;
  readonly name: ByteString;
  readonly linkName: ByteString;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly major: number;
  readonly minor: number;
}

type Fields = Header & { readonly type: EntryType };

const TYPES: ReadonlyMap<string, EntryType | PseudoType> = new Map([
  ["\0", "file"],
  ["0", "file"],
  // "Contiguous", which no system distinguishes.
  ["7", "file"],
  ["1", "hardlink"],
  ["2", "symlink"],
  ["3", "character"],
  ["4", "block"],
  ["5", "directory"],
  ["6", "fifo"],
  ["x", "pax"],
  ["g", "global-pax"],
  ["L", "long-name"],
  ["K", "long-link"],
  ["V", "label"],
]);

function parseHeader(reader: ByteReader, block: Uint8Array): Header {
  const text = byteStringFromBytes(block);
  const number = (start: number, end: number) => parseNumber(reader, block, start, end);
  verifyChecksum(reader, block, number(148, 156));
  const letter = text[156]!;
  const type = TYPES.get(letter);
  if (type === undefined) throw reader.error(`unsupported type of entry ${JSON.stringify(letter)}`);
  const isPosix = text.startsWith("ustar\0", 257);
  const hasDevice = isPosix || text.startsWith("ustar ", 257);
  const prefix = isPosix ? untilNul(text, 345, 500) : "";
  const name = untilNul(text, 0, 100);
  return {
    // V7 had no letter for directories; a slash told.
    type: letter === "\0" && name.endsWith("/") ? "directory" : type,
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: untilNul(text, 157, 257),
    mode: number(100, 108),
    uid: number(108, 116),
    gid: number(116, 124),
    sizeBytes: number(124, 136),
    mtimeSeconds: number(136, 148),
    major: hasDevice ? number(329, 337) : 0,
    minor: hasDevice ? number(337, 345) : 0,
  };
}

function verifyChecksum(reader: ByteReader, block: Uint8Array, stated: number): void {
  // The field itself counts as spaces.
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK_BYTES; i++) if (i < 148 || i >= 156) sum += block[i]!;
  if (sum !== stated) throw reader.error(`a header's checksum is ${sum}, but ${stated} is stated`);
}

/** Octal text, or base 256 in two's complement where the first bit is set. */
function parseNumber(reader: ByteReader, block: Uint8Array, start: number, end: number): number {
  const bytes = block.subarray(start, end);
  if (bytes[0]! & 0x80) return parseBase256(reader, bytes);
  const digits = /^ *([0-7]*)[ \0]*$/.exec(byteStringFromBytes(bytes))?.[1];
  if (digits === undefined) throw reader.error("a header has a field that is not a number");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function parseBase256(reader: ByteReader, bytes: Uint8Array): number {
  let value = bytes[0]! & 0x40 ? (bytes[0]! | 0x80) - 256 : bytes[0]! & 0x7f;
  for (const byte of bytes.subarray(1)) value = value * 256 + byte;
  if (!Number.isSafeInteger(value)) throw reader.error("a header has a number beyond all bounds");
  return value;
}

async function readPseudoEntry(reader: ByteReader, header: Header, overrides: Overrides): Promise<boolean> {
  switch (header.type) {
    case "pax":
      overrides.pax = parsePaxRecords(reader, await readContents(reader, header, MAX_PAX_BYTES));
      return true;
    case "global-pax": {
      const records = parsePaxRecords(reader, await readContents(reader, header, MAX_PAX_BYTES));
      for (const [key, value] of records) overrides.globalPax.set(key, value);
      return true;
    }
    case "long-name":
      overrides.longName = untilNul(await readContents(reader, header, MAX_LONG_NAME_BYTES));
      return true;
    case "long-link":
      overrides.longLink = untilNul(await readContents(reader, header, MAX_LONG_NAME_BYTES));
      return true;
    case "label":
      await readContents(reader, header, BLOCK_BYTES);
      return true;
    default:
      return false;
  }
}

async function readContents(reader: ByteReader, header: Header, maxBytes: number): Promise<ByteString> {
  const { sizeBytes } = header;
  if (sizeBytes < 0 || sizeBytes > maxBytes)
    throw reader.error(`a ${header.type} entry has ${sizeBytes} bytes`);
  const text = byteStringFromBytes(await reader.read(sizeBytes));
  await reader.skip(fillBytes(sizeBytes));
  return text;
}

function applyOverrides(reader: ByteReader, header: Header, overrides: Overrides): Fields {
  // An empty value takes back what a global record said.
  const pax = (key: string) => overrides.pax.get(key) ?? overrides.globalPax.get(key) ?? "";
  const number = (key: string, otherwise: number) => {
    const value = pax(key);
    if (value === "") return otherwise;
    if (!/^-?[0-9]{1,15}(?:\.[0-9]*)?$/.test(value)) throw reader.error(`pax record ${key} is not a number`);
    return Math.floor(Number(value));
  };
  const sizeBytes = number("size", header.sizeBytes);
  if (sizeBytes < 0) throw reader.error("an entry has a negative size");
  return {
    ...header,
    type: header.type as EntryType,
    name: pax("path") || (overrides.longName ?? header.name),
    linkName: pax("linkpath") || (overrides.longLink ?? header.linkName),
    sizeBytes,
    uid: number("uid", header.uid),
    gid: number("gid", header.gid),
    mtimeSeconds: number("mtime", header.mtimeSeconds),
  };
}

function entryWithoutContents(reader: ByteReader, fields: Fields): TarEntry {
  const common = commonOf(reader, fields);
  switch (fields.type) {
    case "symlink":
      if (fields.linkName === "" || fields.linkName.includes("\0"))
        throw reader.error("impossible link target");
      return { kind: "symlink", ...common, target: fields.linkName };
    case "hardlink":
      return { kind: "hardlink", ...common, target: normalisePath(reader, fields.linkName) };
    case "block":
    case "character":
      return { kind: "device", type: fields.type, ...common, major: fields.major, minor: fields.minor };
    case "fifo":
      return { kind: "fifo", ...common };
    default:
      return { kind: "directory", ...common };
  }
}

function commonOf(reader: ByteReader, fields: Fields): TarCommon {
  return {
    path: normalisePath(reader, fields.name),
    mode: fields.mode & 0o7777,
    uid: fields.uid,
    gid: fields.gid,
    mtimeSeconds: fields.mtimeSeconds,
  };
}

function normalisePath(reader: ByteReader, path: ByteString): ByteString {
  if (path === "" || path.startsWith("/") || path.includes("\0")) {
    throw reader.error(`impossible path ${JSON.stringify(path)}`);
  }
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw reader.error(`path leaves its directory ${JSON.stringify(path)}`);
  return parts.join("/");
}

function fillBytes(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

function untilNul(text: ByteString, start = 0, end = text.length): ByteString {
  const nul = text.indexOf("\0", start);
  return text.slice(start, nul >= 0 && nul < end ? nul : end);
}

function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}
