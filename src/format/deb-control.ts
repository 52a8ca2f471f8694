/**
 * Debian's control files ("deb822"): package indexes, Release files, a package's own `control`, apt's sources.
 *
 * Stanzas of fields, separated by empty lines; a line that begins with a space or tab continues the field
 * before it.
 *
 *     Package: hello
 *     Version: 2.10-3
 *     Description: example package
 *      A longer text.
 *
 * Files that people write by hand (apt's `.sources`) also know comments, lines that begin with `#`, separating
 * lines that hold blanks, and field names in any letter case. Indexes have none of that, and a suite's index is
 * 50 MB: so a stanza is only a slice of the text, and a field is searched for when it is asked for.
 */
import { type ByteString, byteStringFromBytes, CopseError } from "#base";

/** One stanza: an immutable view on the text that it came from. */
export class Stanza {
  /** As it stands in the file, without the newline at its end. */
  readonly text: ByteString;
  readonly #ignoresCase: boolean;

  constructor(text: ByteString, options: { readonly ignoresCase?: boolean } = {}) {
    this.text = text;
    this.#ignoresCase = options.ignoresCase ?? false;
  }

  /**
   * A field's value without blanks around it, the lines that continue it with their newlines and indentation.
   * The name counts in its canonical spelling, unless the file is one written by hand.
   */
  get(name: string): ByteString | undefined {
    if (this.#ignoresCase) return this.#getIgnoringCase(name);
    const { text } = this;
    const key = `\n${name}:`;
    const isFirst = text.startsWith(`${name}:`);
    const found = isFirst ? -1 : text.indexOf(key);
    if (!isFirst && found < 0) return undefined;
    const start = found + key.length;
    return trimBlanks(text.slice(start, endOfField(text, start)));
  }

  /** All fields in order. Throws CopseError `deb-control-invalid` for malformed lines and repeated fields. */
  *fields(): Generator<readonly [name: string, value: ByteString], void, void> {
    const { text } = this;
    const seen = new Set<string>();
    for (let start = 0; start < text.length; ) {
      const end = endOfField(text, start);
      const colon = text.indexOf(":", start);
      const hasColon = colon >= 0 && colon < end;
      const name = text.slice(start, hasColon ? colon : end);
      if (!hasColon || !FIELD_NAME.test(name)) {
        throw new CopseError(
          "deb-control-invalid",
          `Expected a field \`Name: value\`: \`${name.slice(0, 80)}\``,
        );
      }
      const lowerCase = name.toLowerCase();
      if (seen.has(lowerCase))
        throw new CopseError("deb-control-invalid", `Field is there twice: \`${name}\``);
      seen.add(lowerCase);
      yield [name, trimBlanks(text.slice(colon + 1, end))];
      start = end + 1;
    }
  }

  #getIgnoringCase(wanted: string): ByteString | undefined {
    const lowerCase = wanted.toLowerCase();
    for (const [name, value] of this.fields()) if (name.toLowerCase() === lowerCase) return value;
    return undefined;
  }
}

/** The stanzas in order. `handwritten` accepts what the header of this file says of such. */
export function* parseStanzas(
  input: Uint8Array | ByteString,
  options: { readonly handwritten?: boolean } = {},
): Generator<Stanza, void, void> {
  const { handwritten = false } = options;
  let text = typeof input === "string" ? input : byteStringFromBytes(input);
  if (text.includes("\r")) text = text.replaceAll("\r\n", "\n");
  if (handwritten) text = text.replace(/^#.*(?:\n|$)/gm, "").replace(/^[ \t]+$/gm, "");
  for (let start = 0; start < text.length; ) {
    if (text[start] === "\n") {
      start++;
      continue;
    }
    const gap = text.indexOf("\n\n", start);
    const end = gap >= 0 ? gap : text.endsWith("\n") ? text.length - 1 : text.length;
    yield new Stanza(text.slice(start, end), { ignoresCase: handwritten });
    start = end + 1;
  }
}

/** Printable ASCII without a colon, and not what begins a comment or a continuation. */
const FIELD_NAME = /^[!"$-,.-9;-~][!-9;-~]*$/;

function endOfField(text: ByteString, from: number): number {
  for (let end = text.indexOf("\n", from); end >= 0; end = text.indexOf("\n", end + 1)) {
    const next = text.charCodeAt(end + 1);
    if (next !== 0x20 && next !== 0x09) return end;
  }
  return text.length;
}

function trimBlanks(text: ByteString): ByteString {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

// Not `trim`: in a byte string, 0xA0 is a part of a letter rather than a space.
function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a;
}
