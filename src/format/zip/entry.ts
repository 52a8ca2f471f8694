/**
 * One entry of a zip archive's central directory, as bytes and as we want it (APPNOTE.TXT 4.3.12).
 *
 * Names are UTF-8 if a flag says so, else in the code page of the first PC, as Python reads them. Unix permissions and the
 * kind of file are in the upper half of the external attributes; archives from elsewhere have zeros there. Sizes that do not
 * fit into 32 bits are all ones, and stand in an extra field instead (zip64).
 */
import { CopseError } from "#base";
import { shownName, zipInvalid } from "./source.ts";

export interface ZipEntry {
  /** Relative, with `/` between names; a directory's has none at its end. */
  readonly path: string;
  /** Links and devices are by Unix's attributes; `other` is what no archive of files should have. */
  readonly kind: "file" | "directory" | "symlink" | "other";
  readonly isExecutable: boolean;
  readonly sizeBytes: number;
  readonly compressedBytes: number;
  readonly crc32: number;
  readonly method: "stored" | "deflate" | "unsupported";
  /** Where its own header is in the archive. */
  readonly headerOffset: number;
  /** The name's bytes, which the entry's own header repeats. */
  readonly rawName: Buffer;
}

export const CENTRAL_HEADER_BYTES = 46;
const CENTRAL_SIGNATURE = 0x02014b50;

const ENCRYPTED = 1 << 0;
const STRONGLY_ENCRYPTED = 1 << 6;
const MASKED = 1 << 13;
export const REFUSED_FLAGS = ENCRYPTED | STRONGLY_ENCRYPTED | MASKED;
const UTF8_NAME = 1 << 11;

const ALL_ONES_16 = 0xffff;
const ALL_ONES_32 = 0xffffffff;
const ZIP64_EXTRA = 0x0001;

// Deflate cannot do better than 1032 to 1; what claims to is a lie.
const MAX_RATIO = 1032;

/** The entry whose header begins at `start`, and where the next one does. Throws CopseError `zip-...`. */
export function parseCentralEntry(
  directory: Buffer,
  start: number,
): { readonly entry: ZipEntry; readonly end: number } {
  if (start + CENTRAL_HEADER_BYTES > directory.length || directory.readUInt32LE(start) !== CENTRAL_SIGNATURE)
    throw zipInvalid("its directory is damaged");
  const field = (offset: number): number => directory.readUInt16LE(start + offset);
  const nameEnd = start + CENTRAL_HEADER_BYTES + field(28);
  const extraEnd = nameEnd + field(30);
  const end = extraEnd + field(32);
  if (end > directory.length) throw zipInvalid("its directory is damaged");
  // A copy: a view would keep the whole directory.
  const rawName = Buffer.from(directory.subarray(start + CENTRAL_HEADER_BYTES, nameEnd));
  const flags = field(8);
  const name = checkedName(decodeName(rawName, (flags & UTF8_NAME) !== 0));
  if ((flags & REFUSED_FLAGS) !== 0)
    throw new CopseError("zip-encrypted", `Zip archive has an encrypted entry: \`${shownName(name)}\``);
  if (field(34) !== 0 && field(34) !== ALL_ONES_16) throw zipInvalid("it is one of several parts", name);
  const sizes = readSizes(directory, start, directory.subarray(nameEnd, extraEnd), name);
  const entry = describe({
    name,
    attributes: directory.readUInt32LE(start + 38),
    method: field(10),
    crc32: directory.readUInt32LE(start + 16),
    rawName,
    ...sizes,
  });
  return { entry, end };
}

interface Sizes {
  readonly sizeBytes: number;
  readonly compressedBytes: number;
  readonly headerOffset: number;
}

function readSizes(directory: Buffer, start: number, extra: Buffer, name: string): Sizes {
  const small = [24, 20, 42].map((offset) => directory.readUInt32LE(start + offset));
  if (!small.includes(ALL_ONES_32)) return sizesOf(small);
  const large = findExtra(extra, ZIP64_EXTRA);
  if (large === undefined) throw zipInvalid("sizes of an entry are missing", name);
  // Only those that did not fit are there, in this order.
  let at = 0;
  const whole = small.map((value) => {
    if (value !== ALL_ONES_32) return value;
    if (at + 8 > large.length) throw zipInvalid("sizes of an entry are missing", name);
    at += 8;
    return readUint64(large, at - 8);
  });
  return sizesOf(whole);
}

function sizesOf([sizeBytes, compressedBytes, headerOffset]: readonly number[]): Sizes {
  return { sizeBytes: sizeBytes!, compressedBytes: compressedBytes!, headerOffset: headerOffset! };
}

/** Throws CopseError `zip-invalid` for what no archive can be. */
export function readUint64(bytes: Buffer, offset: number): number {
  const value = Number(bytes.readBigUInt64LE(offset));
  if (!Number.isSafeInteger(value)) throw zipInvalid("a size is out of range");
  return value;
}

/** Extra fields are a kind, a length, and as many bytes. What is cut off at the end belongs to nobody. */
function findExtra(extra: Buffer, wanted: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === wanted && end <= extra.length) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

function describe(
  raw: Sizes & {
    readonly name: string;
    readonly attributes: number;
    readonly method: number;
    readonly crc32: number;
    readonly rawName: Buffer;
  },
): ZipEntry {
  const { name, attributes, method, crc32, rawName, sizeBytes, compressedBytes, headerOffset } = raw;
  const isDirectory = name.endsWith("/");
  const mode = attributes >>> 16;
  if (isDirectory && sizeBytes > 0) throw zipInvalid("a directory has contents", name);
  if (method === 0 && sizeBytes !== compressedBytes) throw zipInvalid("a stored entry has two sizes", name);
  if (method === 8 && sizeBytes > compressedBytes * MAX_RATIO + 64)
    throw zipInvalid("an entry claims to unpack to more than it can", name);
  const kind = isDirectory ? "directory" : kindOf(mode);
  return {
    path: isDirectory ? name.slice(0, -1) : name,
    kind,
    isExecutable: kind === "file" && (mode & 0o111) !== 0,
    sizeBytes,
    compressedBytes,
    crc32,
    method: method === 0 ? "stored" : method === 8 ? "deflate" : "unsupported",
    headerOffset,
    rawName,
  };
}

function kindOf(mode: number): "file" | "symlink" | "other" {
  switch (mode & 0o170000) {
    case 0:
    case 0o100000:
      return "file";
    case 0o120000:
      return "symlink";
    default:
      return "other";
  }
}

function decodeName(raw: Buffer, isUtf8: boolean): string {
  if (!isUtf8)
    return raw.toString("latin1").replace(/[\x80-\xff]/g, (unit) => CODE_PAGE_437[unit.charCodeAt(0) - 128]!);
  try {
    return UTF8.decode(raw);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw zipInvalid("a name is not UTF-8", raw.toString("latin1"));
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const CODE_PAGE_437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

/** A name that stays below where it is unpacked, written in the one way that there is. */
function checkedName(name: string): string {
  const names = (name.endsWith("/") ? name.slice(0, -1) : name).split("/");
  const isSafe = names.every((part) => part !== "" && part !== "." && part !== ".." && !part.includes("\0"));
  if (isSafe) return name;
  throw new CopseError(
    "zip-path",
    `Zip archive has an entry whose name leads elsewhere: \`${shownName(name)}\``,
  );
}
