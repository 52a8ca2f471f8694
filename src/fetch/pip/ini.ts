/**
 * The dialect of Python's `configparser.RawConfigParser`, in which pip's files are written.
 * https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
 *
 * `key = value` or `key: value` below `[section]`; keys in any case; a line that is indented more than its key goes
 * on with the value; `#` and `;` begin a comment only at the beginning of a line. Raw: `%(name)s` means nothing.
 * Surprising: a key or section that stands twice is an error, and what stands below `[DEFAULT]` is part of every section.
 */
export type IniSections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** `reason` is one of a few fixed words; a line's text may hold a password and is never part of it. */
export class IniError extends Error {
  readonly reason: string;
  readonly line: number;

  constructor(reason: string, line: number) {
    super(`${reason} in line ${line}`);
    this.reason = reason;
    this.line = line;
  }
}

// What Python's `str.strip` takes for white space; JavaScript's `trim` differs in a few control characters and the BOM.
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const LEADING = new RegExp(`^[${SPACE}]+`);
const TRAILING = new RegExp(`[${SPACE}]+$`);

export function stripPython(text: string): string {
  return text.replace(LEADING, "").replace(TRAILING, "");
}

/** As Python's `str.split()`: at white space, without empty parts. */
export function splitPython(text: string): string[] {
  return text.split(new RegExp(`[${SPACE}]+`)).filter((part) => part !== "");
}

/** Throws IniError. */
export function parseIni(text: string): IniSections {
  const reader = new IniReader();
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  lines.forEach((line, index) => {
    reader.line(line, index + 1);
  });
  return reader.finish();
}

class IniReader {
  readonly #defaults = new Map<string, string[]>();
  readonly #sections = new Map<string, Map<string, string[]>>();
  #section: Map<string, string[]> | undefined;
  #option: string | undefined;
  #indent = 0;
  /** Lines that are no key are reported after all others were read: an error of another kind comes first. */
  #malformed: number | undefined;

  line(line: string, number: number): void {
    const value = stripPython(line);
    if (value.startsWith("#") || value.startsWith(";")) return;
    if (value === "") {
      this.#values()?.push("");
      return;
    }
    const indent = LEADING.exec(line)?.[0].length ?? 0;
    const values = this.#values();
    if (values && indent > this.#indent) {
      values.push(value);
      return;
    }
    this.#indent = indent;
    const header = /^\[(.+)\]/.exec(value)?.[1];
    if (header !== undefined) this.#open(header, number);
    else if (!this.#section) throw new IniError("text before the first section", number);
    else this.#set(this.#section, value, number);
  }

  finish(): IniSections {
    if (this.#malformed !== undefined) throw new IniError("neither a key nor a section", this.#malformed);
    const joined = new Map<string, ReadonlyMap<string, string>>();
    for (const [name, section] of this.#sections) {
      const all = [...this.#defaults, ...section];
      joined.set(name, new Map(all.map(([key, lines]) => [key, lines.join("\n").replace(TRAILING, "")])));
    }
    return joined;
  }

  #values(): string[] | undefined {
    return this.#option === undefined ? undefined : this.#section?.get(this.#option);
  }

  #open(name: string, number: number): void {
    this.#option = undefined;
    if (name === "DEFAULT") {
      this.#section = this.#defaults;
      return;
    }
    if (this.#sections.has(name)) throw new IniError("a section for the second time", number);
    this.#section = new Map();
    this.#sections.set(name, this.#section);
  }

  #set(section: Map<string, string[]>, text: string, number: number): void {
    const match = /^(.*?)(?:[=:])(.*)$/s.exec(text);
    const key = stripPython(match?.[1] ?? "").toLowerCase();
    if (!match || key === "") {
      this.#malformed ??= number;
      if (!match) return;
    }
    if (section.has(key)) throw new IniError("a key for the second time", number);
    section.set(key, [stripPython(match?.[2] ?? "")]);
    this.#option = key;
  }
}
