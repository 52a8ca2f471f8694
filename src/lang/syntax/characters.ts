/**
 * Classes of bytes, one table look-up each. The lexer's rules are those of Nix's lexer.l: what looks like an
 * identifier, a path or a URI is decided by the longest match, and these classes overlap (`-` and `.` above all).
 */

/** `a-z A-Z _`: begins an identifier. */
export const ID_START = 1;
/** `a-z A-Z 0-9 _ ' -`: continues one. */
export const ID_PART = 2;
/** `a-z A-Z 0-9 . _ - +`: stands in paths. */
export const PATH_PART = 4;
/** Stands in a URI after its scheme. */
export const URI_PART = 8;
export const DIGIT = 16;
/** `a-z A-Z`: begins a URI's scheme. */
export const LETTER = 32;

const classes = new Uint8Array(256);

function mark(characters: string, bits: number): void {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    classes[code] = (classes[code] as number) | bits;
  }
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const digits = "0123456789";
mark(letters, ID_START | ID_PART | PATH_PART | URI_PART | LETTER);
mark(digits, ID_PART | PATH_PART | URI_PART | DIGIT);
mark("_", ID_START);
mark("_'-", ID_PART);
mark("._-+", PATH_PART);
mark("%/?:@&=+$,-_.!~*'", URI_PART);

/** Whether the byte at `index` is in one of the classes; false beyond the end. */
export function isAt(text: string, index: number, bits: number): boolean {
  return index < text.length && ((classes[text.charCodeAt(index)] as number) & bits) !== 0;
}

/** The first index from `index` on whose byte is in none of the classes. */
export function skipClass(text: string, index: number, bits: number): number {
  let i = index;
  while (i < text.length && ((classes[text.charCodeAt(i)] as number) & bits) !== 0) i++;
  return i;
}

export const TAB = 9;
export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;
export const SPACE = 32;
export const QUOTE = 34;
export const HASH = 35;
export const DOLLAR = 36;
export const APOSTROPHE = 39;
export const STAR = 42;
export const PLUS = 43;
export const MINUS = 45;
export const DOT = 46;
export const SLASH = 47;
export const COLON = 58;
export const AT = 64;
export const BACKSLASH = 92;
export const OPEN_BRACE = 123;
