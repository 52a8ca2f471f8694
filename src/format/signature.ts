/**
 * Signatures on store paths, as binary caches use them: Ed25519 over a *fingerprint*, one line that says what the path
 * is:
 *
 *     1;/nix/store/…-hello;sha256:<nix32 of the NAR hash>;<NAR size>;<references, sorted, with commas between>
 *
 * Keys and signatures are written `name:base64`. A secret key is libsodium's: the 32-byte seed and, behind it, the
 * 32-byte public key. Whoever trusts a key by name trusts what is signed under that name.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { CopseError } from "#base";
import { formatPrefixedHash, type Hash } from "./hash.ts";
import type { StorePath } from "./store-path.ts";

const SEED_BYTES = 32;
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

export interface PublicKey {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface SecretKey {
  readonly name: string;
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

export interface SignedFacts {
  readonly path: StorePath;
  readonly narHash: Hash;
  readonly narSize: number;
  readonly references: readonly StorePath[];
}

/** What is signed. */
export function fingerprint({ path, narHash, narSize, references }: SignedFacts): string {
  return `1;${path};${formatPrefixedHash(narHash, "nix32")};${narSize};${[...references].sort().join(",")}`;
}

export function generateSecretKey(name: string): SecretKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { name, seed: rawKey(privateKey, "d"), publicKey: rawKey(publicKey, "x") };
}

export function formatSecretKey(key: SecretKey): string {
  return `${key.name}:${Buffer.concat([key.seed, key.publicKey]).toString("base64")}`;
}

export function formatPublicKey(key: PublicKey): string {
  return `${key.name}:${Buffer.from(key.bytes).toString("base64")}`;
}

/** The message names no part of the key. Throws CopseError `key-invalid`. */
export function parseSecretKey(text: string): SecretKey {
  const { name, bytes } = parseNamed(text.trim(), "key");
  if (bytes.length !== SEED_BYTES + PUBLIC_KEY_BYTES)
    throw new CopseError("key-invalid", "secret key is not valid");
  return { name, seed: bytes.subarray(0, SEED_BYTES), publicKey: bytes.subarray(SEED_BYTES) };
}

/** Throws CopseError `key-invalid`. */
export function parsePublicKey(text: string): PublicKey {
  const { name, bytes } = parseNamed(text.trim(), "key");
  if (bytes.length !== PUBLIC_KEY_BYTES) throw new CopseError("key-invalid", "public key is not valid");
  return { name, bytes };
}

export function publicKeyOf(key: SecretKey): PublicKey {
  return { name: key.name, bytes: key.publicKey };
}

/** A signature of these facts, `name:base64`. */
export function signPath(facts: SignedFacts, key: SecretKey): string {
  const privateKey = createPrivateKey({
    format: "jwk",
    key: { kty: "OKP", crv: "Ed25519", d: base64url(key.seed), x: base64url(key.publicKey) },
  });
  const signature = sign(null, Buffer.from(fingerprint(facts)), privateKey);
  return `${key.name}:${signature.toString("base64")}`;
}

/** Whether a signature was made of these facts by one of the keys, by the one of its name. */
export function isSignedBy(facts: SignedFacts, signature: string, keys: readonly PublicKey[]): boolean {
  let parsed: { readonly name: string; readonly bytes: Buffer };
  try {
    parsed = parseNamed(signature, "signature");
  } catch {
    // What is no signature proves nothing.
    return false;
  }
  if (parsed.bytes.length !== SIGNATURE_BYTES) return false;
  const message = Buffer.from(fingerprint(facts));
  return keys.some(
    (key) => key.name === parsed.name && verify(null, message, publicKeyObject(key.bytes), parsed.bytes),
  );
}

function parseNamed(text: string, what: "key" | "signature"): { name: string; bytes: Buffer } {
  const [, name, encoded] = /^([^:\s]+):([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (name === undefined || encoded === undefined) {
    throw new CopseError(`${what}-invalid`, `${what} is corrupt`, { hint: "it is written NAME:BASE64" });
  }
  return { name, bytes: Buffer.from(encoded, "base64") };
}

function publicKeyObject(bytes: Uint8Array): KeyObject {
  return createPublicKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", x: base64url(bytes) } });
}

function rawKey(key: KeyObject, part: "d" | "x"): Buffer {
  return Buffer.from(key.export({ format: "jwk" })[part] as string, "base64url");
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
