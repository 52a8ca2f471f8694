/**
 * Hashes of a file that comes in pieces: SHA-256 for the RECORD of what is installed, and the kind that the wheel's own
 * RECORD has, which is nearly always the same one. Most files are one piece, and are hashed by one call; the object that
 * a stream of pieces needs costs more than the hash of a small file.
 */
import { createHash, type Hash, hash } from "node:crypto";

export interface Digests {
  readonly sha256: Buffer;
  /** Undefined where RECORD has no hash of the file. */
  readonly recordedHash: Buffer | undefined;
}

export class Hashes {
  readonly #algorithm: string | undefined;
  #only: Uint8Array = new Uint8Array();
  #streams: ReadonlyMap<string, Hash> | undefined;

  /** `algorithm`: what the wheel's RECORD has, as OpenSSL calls it. */
  constructor(algorithm: string | undefined) {
    this.#algorithm = algorithm;
  }

  /** The pieces stay as they are until `digests`. */
  update(piece: Uint8Array): void {
    if (this.#streams === undefined) {
      if (this.#only.length === 0) {
        this.#only = piece;
        return;
      }
      this.#streams = new Map([...this.#algorithms()].map((name) => [name, createHash(name)]));
      for (const stream of this.#streams.values()) stream.update(this.#only);
    }
    for (const stream of this.#streams.values()) stream.update(piece);
  }

  digests(): Digests {
    const digests = new Map<string, Buffer>();
    for (const name of this.#algorithms()) {
      const stream = this.#streams?.get(name);
      digests.set(name, stream ? stream.digest() : hash(name, this.#only, "buffer"));
    }
    const sha256 = digests.get("sha256") as Buffer;
    return { sha256, recordedHash: this.#algorithm === undefined ? undefined : digests.get(this.#algorithm) };
  }

  #algorithms(): Set<string> {
    return new Set(["sha256", this.#algorithm ?? "sha256"]);
  }
}
