/**
 * Nix32, Nix's own base 32: the digests in store paths are written in it.
 *
 * Two things surprise. The alphabet is the digits and the lower-case letters without `e`, `o`, `u` and `t`,
 * so that no offensive words arise by chance. And the text runs backwards: the bytes are one little-endian
 * number, and its most significant five bits come first, so the last character holds the low bits of the
 * first byte. There is no padding; n bytes take ceil(8n / 5) characters, and the bits that the first
 * character has too many must be zero, which makes the encoding of a digest unique.
 */
import { CopseError } from "#base";

export const NIX32_ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz";

// The value of each ASCII character, 255 for those outside of the alphabet.
const VALUES = new Uint8Array(128).fill(255);
for (let i = 0; i < 32; i++) VALUES[NIX32_ALPHABET.charCodeAt(i)] = i;

export function nix32Length(byteCount: number): number {
  return Math.ceil((byteCount * 8) / 5);
}

export function encodeNix32(bytes: Uint8Array): string {
  let text = "";
  for (let n = nix32Length(bytes.length) - 1; n >= 0; n--) {
    const bit = n * 5;
    const index = bit >>> 3;
    const pair = bytes[index]! | ((bytes[index + 1] ?? 0) << 8);
    text += NIX32_ALPHABET[(pair >>> (bit & 7)) & 31];
  }
  return text;
}

/** The bytes of canonical Nix32 text. Throws CopseError `nix32-invalid`. */
export function decodeNix32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  if (nix32Length(bytes.length) !== text.length) {
    throw new CopseError("nix32-invalid", `Nix32 text has an impossible length: \`${text}\``);
  }
  for (let n = 0; n < text.length; n++) {
    const value = VALUES[text.charCodeAt(text.length - 1 - n)] ?? 255;
    if (value === 255) {
      const position = text.length - n;
      throw new CopseError(
        "nix32-invalid",
        `Nix32 text has an invalid character at position ${position}: \`${text}\``,
        {
          hint: `the alphabet is ${NIX32_ALPHABET}`,
        },
      );
    }
    const bit = n * 5;
    const index = bit >>> 3;
    const shifted = value << (bit & 7);
    bytes[index]! |= shifted & 255;
    const carry = shifted >>> 8;
    if (index + 1 < bytes.length) bytes[index + 1]! |= carry;
    else if (carry !== 0) {
      throw new CopseError("nix32-invalid", `Nix32 text has bits beyond its last byte: \`${text}\``);
    }
  }
  return bytes;
}
