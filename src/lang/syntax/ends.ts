/** Where things end in source text, for the lexer's longest match. */
import type { ByteString } from "#base";
import {
  CARRIAGE_RETURN,
  DIGIT,
  DOLLAR,
  isAt,
  LINE_FEED,
  MINUS,
  OPEN_BRACE,
  PATH_PART,
  PLUS,
  SLASH,
  SPACE,
  skipClass,
} from "./characters.ts";

/** The line's end, before its CR or LF. */
export function skipLine(text: ByteString, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) return at;
    at++;
  }
  return at;
}

/** Behind the exponent at `at`, or `at` where none stands. */
export function exponentEnd(text: ByteString, at: number): number {
  const code = text.charCodeAt(at);
  if (code !== 69 && code !== 101) return at;
  const sign = text.charCodeAt(at + 1);
  const digits = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
  return isAt(text, digits, DIGIT) ? skipClass(text, digits, DIGIT) : at;
}

/** `''` swallows the rest of its line when there are only spaces. */
export function indentedStart(text: ByteString, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === SPACE) end++;
  return text.charCodeAt(end) === LINE_FEED ? end + 1 : at;
}

/**
 * The end of the path, or of its first piece, that has its first slash at `slash`; -1 where there is none. A piece
 * may end in a slash: then more must follow.
 */
export function pathEnd(text: ByteString, slash: number): number {
  if (text.charCodeAt(slash) !== SLASH) return -1;
  if (!isAt(text, slash + 1, PATH_PART)) {
    const isInterpolated = text.charCodeAt(slash + 1) === DOLLAR && text.charCodeAt(slash + 2) === OPEN_BRACE;
    return isInterpolated ? slash + 1 : -1;
  }
  let at = slash;
  while (text.charCodeAt(at) === SLASH && isAt(text, at + 1, PATH_PART))
    at = skipClass(text, at + 1, PATH_PART);
  return text.charCodeAt(at) === SLASH ? at + 1 : at;
}

/** Behind the `>` of the `<path>` that begins at `start`; -1 where none does. */
export function searchPathEnd(text: ByteString, start: number): number {
  let at = start;
  do {
    const next = skipClass(text, at + 1, PATH_PART);
    if (next === at + 1) return -1;
    at = next;
  } while (text.charCodeAt(at) === SLASH);
  return text.charCodeAt(at) === 62 ? at + 1 : -1;
}
