/**
 * A package index in a form that opens in milliseconds.
 *
 * `Packages` of a suite is 50 MB of text in 60,000 stanzas; a resolution looks at a few hundred of them. So
 * it is read once, and what a resolution needs is kept in one file of the cache, named by the hash of what it
 * was made from:
 *
 *     "copse-index-3\n" counts[4] recordOffsets[records + 1] virtualOffsets[virtuals + 1] records virtuals
 *
 * Numbers are unsigned 32-bit little endian. A record is a line of tab-separated fields; records are sorted
 * by name in byte order, so that a name is found by halving. `virtuals` are lines of a provided name and the
 * numbers of the records that provide it, sorted likewise.
 */
import { type ByteString, CopseError } from "#base";

const MAGIC = Buffer.from("copse-index-3\n");
const HEADER_BYTES = MAGIC.length + 16;

/** Relation fields are as they stand in the index. Everything is a byte string. */
export interface IndexRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly multiArch: string;
  readonly essential: boolean;
  readonly priority: string;
  readonly section: string;
  readonly preDepends: string;
  readonly depends: string;
  readonly provides: string;
  readonly conflicts: string;
  readonly breaks: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly description: string;
  /** Of the source package; the package's own where it is not said. */
  readonly sourceName: string;
}

const fieldNames = [
  "Package",
  "Version",
  "Architecture",
  "Multi-Arch",
  "Essential",
  "Priority",
  "Section",
  "Pre-Depends",
  "Depends",
  "Provides",
  "Conflicts",
  "Breaks",
  "Filename",
  "Size",
  "SHA256",
  "Description",
  "Source",
] as const;

const columns: ReadonlyMap<string, number> = new Map(fieldNames.map((name, column) => [name, column]));
const PROVIDES = columns.get("Provides") as number;
const FILENAME = columns.get("Filename") as number;
const DESCRIPTION = columns.get("Description") as number;

/** Makes the file from the text of `Packages`. Throws `index-invalid`. */
export function encodeIndex(text: ByteString, subject: string): Buffer {
  const rows = readRows(text, subject);
  rows.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const providers = new Map<string, number[]>();
  rows.forEach((row, number) => {
    for (const match of row.provides.matchAll(/(?:^|,)\s*([^\s,(:]+)/g)) {
      const list = providers.get(match[1] as string);
      if (!list) providers.set(match[1] as string, [number]);
      else if (list.at(-1) !== number) list.push(number);
    }
  });
  const virtuals = [...providers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, list]) => `${name}\t${list.join(",")}`);
  return pack(
    rows.map((row) => row.line),
    virtuals,
  );
}

function pack(records: readonly string[], virtuals: readonly string[]): Buffer {
  const recordText = Buffer.from(records.map((line) => `${line}\n`).join(""), "latin1");
  const virtualText = Buffer.from(virtuals.map((line) => `${line}\n`).join(""), "latin1");
  const counts = Uint32Array.of(records.length, virtuals.length, recordText.length, virtualText.length);
  const parts = [MAGIC, counts, offsetsOf(records), offsetsOf(virtuals), recordText, virtualText];
  return Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)));
}

function offsetsOf(lines: readonly string[]): Uint32Array {
  const offsets = new Uint32Array(lines.length + 1);
  lines.forEach((line, index) => {
    offsets[index + 1] = (offsets[index] as number) + line.length + 1;
  });
  return offsets;
}

interface Row {
  readonly name: string;
  readonly provides: string;
  readonly line: string;
}

// One pass over the lines: looking each field up in its stanza would take three times as long.
function readRows(text: ByteString, subject: string): Row[] {
  const rows: Row[] = [];
  let values: string[] = [];
  let column: number | undefined;
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const first = text.charCodeAt(start);
    if (end === start) {
      if (values.length > 0) rows.push(rowOf(values, subject));
      values = [];
      column = undefined;
    } else if (first === 0x20 || first === 0x09) {
      // Only the first line of a description is wanted; relations may be folded.
      if (column !== undefined && column !== DESCRIPTION)
        values[column] += ` ${clean(text.slice(start + 1, end))}`;
    } else {
      const colon = text.indexOf(":", start);
      if (colon < 0 || colon >= end)
        throw invalid(subject, `Line is no field: \`${text.slice(start, Math.min(end, start + 80))}\``);
      column = columns.get(text.slice(start, colon));
      if (column !== undefined) values[column] = clean(text.slice(colon + 1, end));
    }
    start = end + 1;
  }
  if (values.length > 0) rows.push(rowOf(values, subject));
  return rows;
}

function rowOf(values: string[], subject: string): Row {
  for (let i = 0; i < fieldNames.length; i++) values[i] ??= "";
  const name = values[0] as string;
  for (const field of ["Package", "Version", "Architecture", "Filename"] as const)
    if (values[columns.get(field) as number] === "")
      throw invalid(subject, `Package has no ${field}: \`${name}\``);
  if (!/^[a-z0-9][a-z0-9+.-]*$/i.test(name))
    throw invalid(subject, `Package name is malformed: \`${name.slice(0, 80)}\``);
  if (!/^\d{1,15}$/.test(values[columns.get("Size") as number] as string))
    throw invalid(subject, `Package has no size: \`${name}\``);
  if (!/^[0-9a-f]{64}$/.test(values[columns.get("SHA256") as number] as string))
    throw invalid(subject, `Package has no SHA-256: \`${name}\``);
  // Repositories without folders for suites name files from where they stand.
  values[FILENAME] = (values[FILENAME] as string).replace(/^(?:\.\/+)+/, "");
  return { name, provides: values[PROVIDES] as string, line: values.join("\t") };
}

function clean(text: string): string {
  const trimmed = text.trim();
  return trimmed.includes("\t") ? trimmed.replaceAll("\t", " ") : trimmed;
}

/** An index that was read. Records are parsed when they are asked for. */
export class PackageIndex {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #offsets: { readonly records: number; readonly virtuals: number };
  readonly #starts: { readonly records: number; readonly virtuals: number };
  readonly #virtualCount: number;

  /** Undefined where the bytes are not a whole file of this form: it is then made anew. */
  static open(bytes: Buffer): PackageIndex | undefined {
    if (bytes.length < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    const [records = 0, virtuals = 0, recordBytes = 0, virtualBytes = 0] = [0, 4, 8, 12].map((at) =>
      bytes.readUInt32LE(MAGIC.length + at),
    );
    const size = HEADER_BYTES + 4 * (records + virtuals + 2) + recordBytes + virtualBytes;
    if (bytes.length !== size) return undefined;
    return new PackageIndex(bytes, { records, virtuals, recordBytes });
  }

  private constructor(bytes: Buffer, sizes: { records: number; virtuals: number; recordBytes: number }) {
    this.#bytes = bytes;
    this.count = sizes.records;
    this.#virtualCount = sizes.virtuals;
    const virtualOffsets = HEADER_BYTES + 4 * (sizes.records + 1);
    this.#offsets = { records: HEADER_BYTES, virtuals: virtualOffsets };
    const recordStart = virtualOffsets + 4 * (sizes.virtuals + 1);
    this.#starts = { records: recordStart, virtuals: recordStart + sizes.recordBytes };
  }

  /** The numbers of a name's records. */
  find(name: string): number[] {
    const result: number[] = [];
    for (
      let i = this.#lowerBound("records", this.count, name);
      i < this.count && this.#key("records", i) === name;
      i++
    )
      result.push(i);
    return result;
  }

  /** The numbers of the records that provide a name. */
  findProviders(name: string): number[] {
    const i = this.#lowerBound("virtuals", this.#virtualCount, name);
    if (i >= this.#virtualCount || this.#key("virtuals", i) !== name) return [];
    return this.#line("virtuals", i)
      .slice(name.length + 1)
      .split(",")
      .map(Number);
  }

  record(number: number): IndexRecord {
    const at = this.#line("records", number).split("\t");
    const [
      name = "",
      version = "",
      architecture = "",
      multiArch = "",
      essential = "",
      priority = "",
      section = "",
    ] = at;
    const [preDepends = "", depends = "", provides = "", conflicts = "", breaks = ""] = at.slice(7);
    const [file = "", size = "", sha256 = "", description = "", source = ""] = at.slice(12);
    return {
      ...{ name, version, architecture, multiArch, essential: essential === "yes", priority, section },
      ...{ preDepends, depends, provides, conflicts, breaks },
      ...{ file, sizeBytes: Number(size), sha256, description },
      // `Source: gcc-12 (12.2.0-14)` where versions differ.
      sourceName: source.split(" ", 1)[0] || name,
    };
  }

  /** Every name once, sorted. */
  names(): string[] {
    const names: string[] = [];
    for (let i = 0; i < this.count; i++) {
      const name = this.#key("records", i);
      if (names.at(-1) !== name) names.push(name);
    }
    return names;
  }

  #lowerBound(table: "records" | "virtuals", count: number, name: string): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#key(table, middle) < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #key(table: "records" | "virtuals", number: number): string {
    const start = this.#starts[table] + this.#bytes.readUInt32LE(this.#offsets[table] + 4 * number);
    return this.#bytes.toString("latin1", start, this.#bytes.indexOf(9, start));
  }

  #line(table: "records" | "virtuals", number: number): string {
    const at = this.#offsets[table] + 4 * number;
    const start = this.#starts[table];
    return this.#bytes.toString(
      "latin1",
      start + this.#bytes.readUInt32LE(at),
      start + this.#bytes.readUInt32LE(at + 4) - 1,
    );
  }
}

function invalid(subject: string, message: string): CopseError {
  return new CopseError("index-invalid", `${message}, in \`${subject}\``);
}
