/**
 * Byte strings: JavaScript strings in which every code unit is one byte (0..255).
 *
 * Nix's strings are sequences of bytes: their length, order and `substring` count bytes, and a file that is
 * not UTF-8 can still be read into one. A JavaScript string of Latin-1 units has exactly these properties,
 * V8 stores it in one byte per unit, and `<` on it is Nix's order. So all text inside the language, in
 * derivations and in store data is a byte string; UTF-8 is spoken at the edges only, through this file.
 * For ASCII text the two are the same string.
 */
export type ByteString = string;

/** The bytes of text as UTF-8, one unit per byte. */
export function byteStringFromText(text: string): ByteString {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Text from bytes taken as UTF-8; a malformed sequence becomes U+FFFD, as it is for showing. */
export function textFromByteString(bytes: ByteString): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

export function byteStringFromBytes(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

export function bytesFromByteString(bytes: ByteString): Buffer {
  return Buffer.from(bytes, "latin1");
}

/** Byte order, which is Nix's order of names, paths and strings. */
export function compareByteStrings(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
