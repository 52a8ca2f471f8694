/**
 * `RECORD`: the files of a package with hashes and sizes, in CSV (the packaging guide's "Recording installed projects").
 *
 *     numpy/__init__.py,sha256=K7WLwrbGUL...,1234
 *     numpy-2.0.dist-info/RECORD,,
 *
 * Paths are relative to site-packages, with `/`. Hashes are in base64 with `-` and `_` and without `=` at the end. A field is in quotes
 * if it has a comma, a quote (doubled) or the end of a line in it.
 */
import { CopseError } from "#base";
import { textOf } from "./text.ts";

export interface RecordEntry {
  readonly path: string;
  readonly hash?: { readonly algorithm: string /** base64url */; readonly digest: string };
  readonly sizeBytes?: number;
}

/**
 * In the order of the file; lines that say the same twice are one entry. Paths are as written, and nobody has checked where
 * they lead. Throws CopseError `python-record-invalid`.
 */
export function parseRecord(contents: Uint8Array | string): readonly RecordEntry[] {
  const entries = new Map<string, RecordEntry>();
  const rows = new Map<string, string>();
  for (const row of csvRows(textOf(contents))) {
    const entry = entryOf(row);
    const text = row.slice(1).join();
    const before = rows.get(entry.path);
    if (before !== undefined && before !== text) throw invalid("a file has two entries", entry.path);
    rows.set(entry.path, text);
    entries.set(entry.path, entry);
  }
  return [...entries.values()];
}

function entryOf(row: readonly string[]): RecordEntry {
  const [path, hash = "", size = ""] = row as readonly [string, string?, string?];
  if (row.length > 3 || path === "") throw invalid("a line has not three fields", row.join());
  if (size !== "" && !/^[0-9]{1,15}$/.test(size)) throw invalid("a size is no number", row.join());
  const [, algorithm, digest] = /^([A-Za-z0-9_-]+)=([A-Za-z0-9_-]+)=*$/.exec(hash) ?? [];
  if (hash !== "" && algorithm === undefined) throw invalid("a hash is none", row.join());
  return {
    path,
    ...(algorithm !== undefined && { hash: { algorithm: algorithm.toLowerCase(), digest: digest! } }),
    ...(size !== "" && { sizeBytes: Number(size) }),
  };
}

/** In the order given, as pip writes it. */
export function formatRecord(entries: Iterable<RecordEntry>): string {
  let text = "";
  for (const { path, hash, sizeBytes } of entries) {
    const hashText = hash === undefined ? "" : `${hash.algorithm}=${hash.digest}`;
    text += `${quoted(path)},${hashText},${sizeBytes ?? ""}\n`;
  }
  return text;
}

function quoted(field: string): string {
  return /[,"\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

const BARE_FIELD = /[^,\r\n]*/y;
const SEPARATOR = /,|\r\n|\r|\n|$/y;

/** Rows of fields; empty lines count as nothing. */
function* csvRows(text: string): Generator<string[], void, void> {
  let row: string[] = [];
  for (let position = 0; position < text.length; ) {
    const field = text[position] === '"' ? quotedField(text, position) : bareField(text, position);
    row.push(field.value);
    SEPARATOR.lastIndex = field.end;
    const separator = SEPARATOR.exec(text);
    if (separator === null) throw invalid("something follows a quote", text.slice(position, position + 80));
    position = SEPARATOR.lastIndex;
    if (separator[0] === ",") {
      if (position === text.length) row.push("");
      else continue;
    }
    if (row.length > 1 || row[0] !== "") yield row;
    row = [];
  }
}

interface Field {
  readonly value: string;
  readonly end: number;
}

function bareField(text: string, start: number): Field {
  BARE_FIELD.lastIndex = start;
  return { value: BARE_FIELD.exec(text)![0], end: BARE_FIELD.lastIndex };
}

/** Not by a regular expression, whose memory would grow with the quotes in the field. */
function quotedField(text: string, start: number): Field {
  for (let at = start + 1; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) throw invalid("a quote has no end", text.slice(start, start + 80));
    if (text[at + 1] !== '"') return { value: text.slice(start + 1, at).replaceAll('""', '"'), end: at + 1 };
  }
}

function invalid(problem: string, value: string): CopseError {
  return new CopseError("python-record-invalid", `Invalid RECORD, ${problem}: \`${value.slice(0, 200)}\``);
}
