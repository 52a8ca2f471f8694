/**
 * Hashes and the four ways in which Nix writes them.
 *
 *     base16   sha256:ba7816bf…            lower-case hexadecimal
 *     nix32    sha256:1b8m03r63zqh…        Nix's base 32, see nix32.ts
 *     base64   sha256:ungWv48Bz+pBQUDe…=   RFC 4648, padded
 *     sri      sha256-ungWv48Bz+pBQUDe…=   W3C Subresource Integrity: base64 behind a dash
 *
 * A bare digest, without its algorithm, tells its form by its length, as no two forms of one algorithm are
 * equally long; the algorithm must then be known from elsewhere. Reading is as lenient as C++ Nix is:
 * hexadecimal may be upper-case, and padding may be missing after a dash.
 *
 * BLAKE3 is among them as Nix has it, which calls it experimental: who names it must have switched that on, see
 * `requireFeature`. It is the one that Node's OpenSSL lacks.
 */
import { createHash, hash as digestAtOnce } from "node:crypto";
import { type ByteString, bytesFromByteString, CopseError } from "#base";
import { blake3, createBlake3 } from "./blake3.ts";
import { decodeNix32, encodeNix32, nix32Length } from "./nix32.ts";

export type HashAlgorithm = "blake3" | "md5" | "sha1" | "sha256" | "sha512";
export type HashForm = "base16" | "nix32" | "base64" | "sri";

export interface Hash {
  readonly algorithm: HashAlgorithm;
  readonly digest: Uint8Array;
}

export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): Hash;
}

const DIGEST_BYTES: { readonly [A in HashAlgorithm]: number } = {
  blake3: 32,
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha512: 64,
};

export function isHashAlgorithm(text: string): text is HashAlgorithm {
  return Object.hasOwn(DIGEST_BYTES, text);
}

export function digestSizeBytes(algorithm: HashAlgorithm): number {
  return DIGEST_BYTES[algorithm];
}

// For small inputs `crypto.hash` takes half the time of `createHash`.
export function hashBytes(algorithm: HashAlgorithm, bytes: Uint8Array | ByteString): Hash {
  const input = typeof bytes === "string" ? bytesFromByteString(bytes) : bytes;
  const digest = algorithm === "blake3" ? blake3(input) : digestAtOnce(algorithm, input, "buffer");
  return { algorithm, digest };
}

/** For input that comes in pieces. */
export function createHasher(algorithm: HashAlgorithm): Hasher {
  const state = algorithm === "blake3" ? createBlake3() : createHash(algorithm);
  return {
    update: (bytes) => void state.update(bytes),
    digest: () => ({ algorithm, digest: state.digest() }),
  };
}

/** The digest alone, except for `sri`, which always names its algorithm. */
export function formatHash(hash: Hash, form: HashForm): string {
  switch (form) {
    case "base16":
      return asBuffer(hash.digest).toString("hex");
    case "nix32":
      return encodeNix32(hash.digest);
    case "base64":
      return asBuffer(hash.digest).toString("base64");
    case "sri":
      return `${hash.algorithm}-${asBuffer(hash.digest).toString("base64")}`;
  }
}

/** The digest behind its algorithm: `sha256:<digest>`, or `sha256-<digest>` for `sri`. */
export function formatPrefixedHash(hash: Hash, form: HashForm): string {
  return form === "sri" ? formatHash(hash, form) : `${hash.algorithm}:${formatHash(hash, form)}`;
}

/**
 * A hash from any form that Nix takes. A bare digest needs `algorithm`; where the text names one as well,
 * the two must agree. Throws CopseError `hash-invalid`.
 */
export function parseHash(text: string, algorithm?: HashAlgorithm): Hash {
  const { named, isSri, rest } = splitPrefix(text);
  if (named !== undefined && algorithm !== undefined && named !== algorithm) {
    throw invalidHash(`Hash should be of type ${algorithm}`, text);
  }
  const actual = named ?? algorithm;
  if (actual === undefined) {
    throw invalidHash("Hash does not include a type, nor is the type otherwise known from context", text);
  }
  const digest = decodeDigest(rest, DIGEST_BYTES[actual], isSri);
  if (digest === undefined) {
    throw invalidHash(
      isSri ? `Invalid SRI hash of type ${actual}` : `Hash has the wrong length or form for type ${actual}`,
      text,
    );
  }
  return { algorithm: actual, digest };
}

export function hashesEqual(a: Hash, b: Hash): boolean {
  return a.algorithm === b.algorithm && asBuffer(a.digest).equals(b.digest);
}

function splitPrefix(text: string): { named: HashAlgorithm | undefined; isSri: boolean; rest: string } {
  const colon = text.indexOf(":");
  const end = colon >= 0 ? colon : text.indexOf("-");
  if (end < 0) return { named: undefined, isSri: false, rest: text };
  const named = text.slice(0, end);
  if (!isHashAlgorithm(named)) throw invalidHash(`Unknown hash algorithm ${JSON.stringify(named)}`, text);
  return { named, isSri: colon < 0, rest: text.slice(end + 1) };
}

function decodeDigest(text: string, size: number, isSri: boolean): Uint8Array | undefined {
  if (!isSri) {
    if (text.length === size * 2) return /^[0-9a-fA-F]*$/.test(text) ? Buffer.from(text, "hex") : undefined;
    if (text.length === nix32Length(size)) return decodeNix32Digest(text);
    if (text.length !== Math.ceil(size / 3) * 4) return undefined;
  }
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const digest = Buffer.from(text, "base64");
  return digest.length === size ? digest : undefined;
}

function decodeNix32Digest(text: string): Uint8Array {
  try {
    return decodeNix32(text);
  } catch (cause) {
    throw new CopseError("hash-invalid", `Invalid Nix32 digest: \`${text}\``, { cause });
  }
}

function invalidHash(problem: string, text: string): CopseError {
  return new CopseError("hash-invalid", `${problem}: \`${text}\``, {
    hint: "a hash is written `sha256-<base64>`, `sha256:<base16 or Nix32>`, or bare where its type is known",
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
