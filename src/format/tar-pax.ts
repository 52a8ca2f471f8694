/**
 * The records of tar's pax headers: `<length> <key>=<value>\n`, where the length is decimal and counts the whole
 * record, itself included. Keys that no reader must understand (times of access, extended attributes, comments)
 * are left out; those that change what the contents mean are refused.
 */
import type { ByteString } from "#base";
import type { ByteReader } from "./byte-reader.ts";

const KNOWN_KEYS: ReadonlySet<string> = new Set(["path", "linkpath", "size", "uid", "gid", "mtime"]);

export function parsePaxRecords(reader: ByteReader, text: ByteString): Map<string, ByteString> {
  const records = new Map<string, ByteString>();
  for (let start = 0; start < text.length; ) {
    const digits = /^([1-9][0-9]{0,6}) /.exec(text.slice(start, start + 8))?.[1];
    const end = start + Number(digits);
    if (digits === undefined || end > text.length || text[end - 1] !== "\n") {
      throw reader.error("a pax record has an impossible length");
    }
    const record = text.slice(start + digits.length + 1, end - 1);
    const equals = record.indexOf("=");
    if (equals <= 0) throw reader.error("a pax record has no key");
    const key = record.slice(0, equals);
    if (key.startsWith("GNU.sparse.")) throw reader.error("sparse files are not supported");
    if (KNOWN_KEYS.has(key)) records.set(key, record.slice(equals + 1));
    start = end;
  }
  return records;
}
