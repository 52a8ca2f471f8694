/**
 * Finding references: a path refers to another if the other's digest, 32 characters of Nix32, occurs in its
 * NAR. Searched for are the digests of everything that the build could see.
 *
 * As in C++ Nix, the text is looked at 32 bytes at a time, from the far end of the window: a byte outside of
 * the alphabet at offset k rules out every match that would contain it, so the window moves to k + 1. Most
 * windows in binaries fall at the first byte looked at, however many digests are searched for.
 */
const DIGEST_LENGTH = 32;

const IN_ALPHABET = new Uint8Array(256);
for (const character of "0123456789abcdfghijklmnpqrsvwxyz") IN_ALPHABET[character.charCodeAt(0)] = 1;

export class ReferenceScanner {
  readonly #wanted: Set<string>;
  readonly #found = new Set<string>();
  /** Which first two bytes any wanted digest has: long runs of the alphabet (hex, base 64) cost little so. */
  readonly #prefixes = new Uint8Array(65536);
  #tail: Buffer = Buffer.alloc(0);

  constructor(digests: Iterable<string>) {
    this.#wanted = new Set(digests);
    for (const digest of this.#wanted) {
      this.#prefixes[(digest.charCodeAt(0) << 8) | digest.charCodeAt(1)] = 1;
    }
  }

  /** The next piece. A digest may lie across pieces. */
  update(chunk: Uint8Array): void {
    if (this.#wanted.size === 0) return;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const kept = DIGEST_LENGTH - 1;
    if (this.#tail.length > 0) this.#search(Buffer.concat([this.#tail, bytes.subarray(0, kept)]));
    this.#search(bytes);
    const last = bytes.length >= kept ? bytes : Buffer.concat([this.#tail, bytes]);
    // Copied, as the caller uses its buffer again.
    this.#tail = Buffer.from(last.subarray(Math.max(0, last.length - kept)));
  }

  get found(): ReadonlySet<string> {
    return this.#found;
  }

  #search(bytes: Buffer): void {
    const last = bytes.length - DIGEST_LENGTH;
    let start = 0;
    while (start <= last) {
      let at = start + DIGEST_LENGTH - 1;
      while (at >= start && IN_ALPHABET[bytes[at]!] === 1) at--;
      if (at >= start) {
        start = at + 1;
        continue;
      }
      if (this.#prefixes[(bytes[start]! << 8) | bytes[start + 1]!] === 1) {
        const digest = bytes.toString("latin1", start, start + DIGEST_LENGTH);
        if (this.#wanted.delete(digest)) this.#found.add(digest);
        if (this.#wanted.size === 0) return;
      }
      start++;
    }
  }
}
