/**
 * DCF, "Debian control format" as R has it: DESCRIPTION files, and the PACKAGES index of a repository.
 *
 *     Package: lme4
 *     Depends: R (>= 3.6.0),
 *             Matrix
 *
 *     Package: nlme
 *
 * Records of fields, separated by lines without content. What begins with a blank continues the field before it; of such a
 * line the blanks in front do not count, and a lone dot stands for an empty line. R's `read.dcf` decides what that
 * means in detail: of a field that is there twice, the last one counts.
 */
import { CopseError } from "#base";

export type DcfRecord = ReadonlyMap<string, string>;

/** The records in order. Throws CopseError `r-dcf-invalid`, with `place` in it. */
export function* parseDcf(text: string, place: string): Generator<DcfRecord, void, void> {
  let record = new Map<string, string>();
  let field: string | undefined;
  // Where nothing stands behind a name, the value begins on the next line.
  let isOnlyName = false;
  for (const line of linesOf(text)) {
    if (line === "") {
      if (record.size > 0) yield withoutEmptyEnds(record);
      record = new Map();
      field = undefined;
    } else if (isBlank(line.charCodeAt(0))) {
      if (field === undefined) throw invalid("A line continues a field that is not there", line, place);
      const more = line.replace(/^[ \t]+/, "");
      const before = isOnlyName ? "" : `${record.get(field)}\n`;
      record.set(field, `${before}${more === "." ? "" : more}`);
      isOnlyName = false;
    } else {
      const colon = line.indexOf(":");
      if (colon <= 0) throw invalid("A line is no field `Name: value`", line, place);
      field = line.slice(0, colon);
      const value = line.slice(colon + 1).replace(/^[ \t]+/, "");
      record.set(field, value);
      isOnlyName = value === "";
    }
  }
  if (record.size > 0) yield withoutEmptyEnds(record);
}

/** Empty lines at a value's end are none of it. */
function withoutEmptyEnds(record: Map<string, string>): DcfRecord {
  for (const [name, value] of record) if (value.endsWith("\n")) record.set(name, value.replace(/\n+$/, ""));
  return record;
}

/** What `parseDcf` reads as the same records, if no value ends with a newline. Throws CopseError `r-dcf-invalid` for a name that is none. */
export function formatDcf(records: Iterable<DcfRecord>): string {
  return [...records].map((record) => [...record].map(formatField).join("")).join("\n");
}

function formatField([name, value]: readonly [string, string]): string {
  if (!/^[^:\s][^:\n]*$/.test(name)) throw invalid("A field cannot have this name", name, "a record");
  const lines = value.split("\n");
  const first = lines.length > 1 && lines[0] === "" ? "" : ` ${lines.shift()}`;
  return [`${name}:${first}`, ...lines.map((line) => `    ${line === "" ? "." : line}`), ""].join("\n");
}

/** Lines without the blanks at their ends. */
function* linesOf(text: string): Generator<string, void, void> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const next = newline < 0 ? text.length : newline;
    let end = next;
    while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
    yield text.slice(start, end);
    start = next + 1;
  }
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0d;
}

function invalid(message: string, line: string, place: string): CopseError {
  return new CopseError("r-dcf-invalid", `${message}, in ${place}: \`${line.slice(0, 80)}\``);
}
