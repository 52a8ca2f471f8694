/**
 * The texts of `"..."` strings, between quote, interpolations and quote.
 *
 * `\n \r \t` are the escapes, a backslash before anything else gives that character. `$` before anything but `{`
 * is itself and takes the next character along, so `$${` does not interpolate. CR and CRLF become LF, unless
 * a backslash stands before.
 */
import type { ByteString } from "#base";
import { BACKSLASH, CARRIAGE_RETURN, DOLLAR, LINE_FEED, OPEN_BRACE, QUOTE } from "./characters.ts";

/** The index of the `"` or `${` that ends the text from `from` on; -1 where the input ends before. */
export function stringTextEnd(source: ByteString, from: number): number {
  const { length } = source;
  let at = from;
  while (at < length) {
    const code = source.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) {
      at += 2;
    } else if (code === DOLLAR) {
      const next = source.charCodeAt(at + 1);
      if (next === OPEN_BRACE) return at;
      at += next === QUOTE ? 1 : next === BACKSLASH ? 3 : 2;
    } else {
      at++;
    }
  }
  return -1;
}

export function unescapeText(raw: ByteString): ByteString {
  let result = "";
  let kept = 0;
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code === BACKSLASH) {
      result += raw.slice(kept, at) + unescapeCharacter(raw, at + 1);
      kept = at + 2;
      at++;
    } else if (code === CARRIAGE_RETURN) {
      result += `${raw.slice(kept, at)}\n`;
      kept = raw.charCodeAt(at + 1) === LINE_FEED ? at + 2 : at + 1;
      at = kept - 1;
    }
  }
  return kept === 0 ? raw : result + raw.slice(kept);
}

/** What a backslash makes of the character at `index`. */
export function unescapeCharacter(raw: ByteString, index: number): ByteString {
  const character = raw.charAt(index);
  return character === "n" ? "\n" : character === "r" ? "\r" : character === "t" ? "\t" : character;
}
