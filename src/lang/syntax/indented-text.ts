/**
 * Texts of `''...''` strings, and their indentation.
 *
 * Escapes are `''$` for `$`, `'''` for `''`, and `''\` before a character as a backslash is elsewhere. CR stays.
 * The smallest indentation by spaces of any line is taken from all lines. Lines of spaces alone do not count, an
 * escape or an interpolation ends the space at the beginning of its line. What an escape gives is not
 * indentation where it is measured, but a space among it is dropped as one where lines are stripped: Nix's
 * own quirk, on which derivation hashes depend.
 */
import type { ByteString } from "#base";
import { APOSTROPHE, BACKSLASH, DOLLAR, LINE_FEED, OPEN_BRACE, SPACE } from "./characters.ts";
import { unescapeCharacter } from "./string-text.ts";

export interface IndentedPiece {
  readonly text: ByteString;
  /** Written as it is, so that its lines are measured; false for what an escape gave. */
  readonly isRaw: boolean;
  readonly start: number;
  readonly end: number;
}

/** The piece that begins at `from`; undefined at `''`, at `${` and at the end of the input. */
export function readIndentedPiece(source: ByteString, from: number): IndentedPiece | undefined {
  const rawEnd = rawTextEnd(source, from);
  if (rawEnd > from) return { text: source.slice(from, rawEnd), isRaw: true, start: from, end: rawEnd };
  const code = source.charCodeAt(from);
  const next = source.charCodeAt(from + 1);
  if (code === DOLLAR) {
    return next === OPEN_BRACE ? undefined : { text: "$", isRaw: false, start: from, end: from + 1 };
  }
  if (code !== APOSTROPHE) return undefined;
  if (next !== APOSTROPHE) return { text: "'", isRaw: false, start: from, end: from + 1 };
  const third = source.charCodeAt(from + 2);
  if (third === DOLLAR) return { text: "$", isRaw: false, start: from, end: from + 3 };
  if (third === APOSTROPHE) return { text: "''", isRaw: false, start: from, end: from + 3 };
  if (third !== BACKSLASH || from + 3 >= source.length) return undefined;
  return { text: unescapeCharacter(source, from + 3), isRaw: false, start: from, end: from + 4 };
}

/** `$` and `'` belong to the raw text with the character after them, unless that one makes them special. */
function rawTextEnd(source: ByteString, from: number): number {
  const { length } = source;
  let at = from;
  while (at < length) {
    const code = source.charCodeAt(at);
    if (code === DOLLAR) {
      const next = source.charCodeAt(at + 1);
      if (at + 1 >= length || next === OPEN_BRACE || next === APOSTROPHE) return at;
      at += 2;
    } else if (code === APOSTROPHE) {
      const next = source.charCodeAt(at + 1);
      if (at + 1 >= length || next === APOSTROPHE || next === DOLLAR) return at;
      at += 2;
    } else {
      at++;
    }
  }
  return at;
}

/** The indentation to take away. `undefined` among the pieces is an interpolation. */
export function smallestIndent(pieces: readonly (IndentedPiece | undefined)[]): number {
  let smallest = 1_000_000;
  let current = 0;
  let isAtLineStart = true;
  for (const piece of pieces) {
    if (piece === undefined || !piece.isRaw) {
      if (isAtLineStart) {
        isAtLineStart = false;
        smallest = Math.min(smallest, current);
      }
      continue;
    }
    const { text } = piece;
    for (let at = 0; at < text.length; at++) {
      if (!isAtLineStart) {
        at = text.indexOf("\n", at);
        if (at < 0) break;
        isAtLineStart = true;
        current = 0;
        continue;
      }
      const code = text.charCodeAt(at);
      if (code === SPACE) {
        current++;
      } else if (code === LINE_FEED) {
        current = 0;
      } else {
        isAtLineStart = false;
        smallest = Math.min(smallest, current);
      }
    }
  }
  return smallest;
}

/** Strips pieces in order: it remembers where in a line it is. */
export class IndentStripper {
  readonly #indent: number;
  #isAtLineStart = true;
  #dropped = 0;

  constructor(indent: number) {
    this.#indent = indent;
  }

  interpolation(): void {
    this.#isAtLineStart = false;
    this.#dropped = 0;
  }

  /** A last piece loses its last line when that holds spaces alone. */
  strip(text: ByteString, isLast: boolean): ByteString {
    let result = "";
    let kept = 0;
    for (let at = 0; at < text.length; at++) {
      if (!this.#isAtLineStart) {
        at = text.indexOf("\n", at);
        if (at < 0) break;
        this.#isAtLineStart = true;
        continue;
      }
      const code = text.charCodeAt(at);
      if (code === SPACE) {
        if (this.#dropped++ < this.#indent) {
          if (kept < at) result += text.slice(kept, at);
          kept = at + 1;
        }
      } else {
        this.#dropped = 0;
        if (code !== LINE_FEED) this.#isAtLineStart = false;
      }
    }
    result = kept === 0 ? text : result + text.slice(kept);
    return isLast ? withoutBlankLastLine(result) : result;
  }
}

function withoutBlankLastLine(text: ByteString): ByteString {
  const lastLine = text.lastIndexOf("\n") + 1;
  if (lastLine === 0) return text;
  for (let at = lastLine; at < text.length; at++) if (text.charCodeAt(at) !== SPACE) return text;
  return text.slice(0, lastLine);
}
