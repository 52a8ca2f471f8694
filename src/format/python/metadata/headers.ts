/**
 * The form of METADATA, PKG-INFO and WHEEL: headers as in mail, `Name: value`, and behind an empty line a body.
 *
 * A line that begins with white space continues the one before. A name may come several times and its case does not
 * count. As Python's `email` package does, which is what all tools read them with, the first line that is neither ends the
 * headers; a value without name, and what continues nothing, are passed over.
 */
import { textOf } from "./text.ts";

const SPACE = 0x20;
const TAB = 0x09;
const HEADER = /^([!-9;-~]*):[ \t]*(.*)$/;

export class Headers {
  readonly #values = new Map<string, string[]>();

  constructor(contents: Uint8Array | string) {
    let last: string[] | undefined;
    for (const line of linesOf(textOf(contents))) {
      const first = line.charCodeAt(0);
      if (first === SPACE || first === TAB) {
        last?.push(`${last.pop()!}\n${line}`);
        continue;
      }
      const [, name, value] = HEADER.exec(line) ?? [];
      if (name === undefined) break;
      last = name === "" ? undefined : this.#valuesOf(name.toLowerCase());
      last?.push(value!);
    }
  }

  #valuesOf(name: string): string[] {
    const values = this.#values.get(name) ?? [];
    this.#values.set(name, values);
    return values;
  }

  /** The first value. `name` in lower case. */
  get(name: string): string | undefined {
    return this.all(name)[0];
  }

  /** All values, in order, without white space around them. */
  all(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).map((value) => value.trim());
  }
}

/** One by one: what follows the headers may be long. */
function* linesOf(text: string): Generator<string, void, void> {
  if (!text.includes("\r")) {
    for (let start = 0; start < text.length; ) {
      const end = text.indexOf("\n", start);
      yield end === -1 ? text.slice(start) : text.slice(start, end);
      start = end === -1 ? text.length : end + 1;
    }
    return;
  }
  const end = /\r\n|\r|\n/g;
  for (let start = 0; start < text.length; ) {
    end.lastIndex = start;
    const match = end.exec(text);
    yield text.slice(start, match?.index ?? text.length);
    start = match === null ? text.length : end.lastIndex;
  }
}
