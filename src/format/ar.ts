/**
 * The ar archive, as far as Debian packages use it: a .deb is one, with the members `debian-binary`,
 * `control.tar.*` and `data.tar.*`.
 *
 * Behind the line `!<arch>` each member has a header of 60 ASCII bytes, fields padded with spaces:
 *
 *     name 16 | mtime 12 | uid 6 | gid 6 | mode 8, octal | size 10 | "`\n"
 *
 * followed by its contents and, if these are odd in length, a newline. GNU ar ends names with a slash. Names
 * that do not fit, for which GNU and BSD have different tricks, do not occur in packages and are refused.
 */
import { byteStringFromBytes } from "#base";
import { ByteReader, ByteSection, type ByteSource } from "./byte-reader.ts";

export interface ArEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** To be read, once, before the next entry is asked for; what is left then is skipped. */
  readonly contents: AsyncIterable<Uint8Array>;
}

const MAGIC = "!<arch>\n";
const HEADER_BYTES = 60;

/** The members in order. Throws CopseError `ar-invalid`. */
export async function* readAr(source: ByteSource): AsyncGenerator<ArEntry, void, void> {
  const reader = new ByteReader(source, { code: "ar-invalid", format: "ar archive" });
  try {
    const magic = byteStringFromBytes(await reader.read(MAGIC.length));
    if (magic !== MAGIC) throw reader.error("it does not begin with `!<arch>`");
    while (!(await reader.atEnd())) {
      const { name, sizeBytes } = parseHeader(reader, byteStringFromBytes(await reader.read(HEADER_BYTES)));
      const contents = new ByteSection(reader, sizeBytes);
      yield { name, sizeBytes, contents };
      await contents.finish();
      if (sizeBytes % 2 === 1) await skipPadding(reader);
    }
  } finally {
    await reader.close();
  }
}

function parseHeader(reader: ByteReader, header: string): { name: string; sizeBytes: number } {
  if (!header.endsWith("`\n")) throw reader.error("a member's header does not end as it must");
  const name = /^([!-.0-~]{1,16})\/? *$/.exec(header.slice(0, 16))?.[1];
  if (name === undefined || name.startsWith("#1/")) {
    throw reader.error(`unsupported member name ${JSON.stringify(header.slice(0, 16))}`);
  }
  const size = /^([0-9]+) *$/.exec(header.slice(48, 58))?.[1];
  if (size === undefined) throw reader.error(`member ${name} has an invalid size`);
  return { name, sizeBytes: Number(size) };
}

// The last member's padding is missing in what some tools write.
async function skipPadding(reader: ByteReader): Promise<void> {
  if (await reader.atEnd()) return;
  const [byte] = await reader.read(1);
  if (byte !== 0x0a) throw reader.error("a member's padding is not a newline");
}
