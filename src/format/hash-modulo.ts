/**
 * Hashes of contents that mention their own path, where that path is to follow from the hash. They are hashed *modulo*
 * the path's digest: with zero bytes in its place.
 *
 * The places where it stood are not hashed, as C++ Nix 2.34 does not: those before 2.17 and from 2.35 on add them behind
 * the contents, so that contents which have zeros there already get another hash. Paths of contents that mention
 * themselves therefore differ between these versions, and copse goes with the one that it is held against.
 */
import type { ByteSource } from "./byte-reader.ts";
import { rewriteDigests } from "./digest-rewriting.ts";
import { createHasher, type Hash, type HashAlgorithm } from "./hash.ts";

/** Modulo a digest, of ASCII. SHA-256 if nothing else is said. */
export async function hashModulo(
  source: ByteSource,
  digest: string,
  algorithm: HashAlgorithm = "sha256",
): Promise<Hash> {
  const hasher = createHasher(algorithm);
  const zeros = new Map([[digest, "\0".repeat(digest.length)]]);
  for await (const chunk of rewriteDigests(source, zeros)) hasher.update(chunk);
  return hasher.digest();
}
