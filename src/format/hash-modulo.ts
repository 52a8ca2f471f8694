/**
 * Hashes of contents that mention their own path, where that path is to follow from the hash. They are hashed *modulo*
 * the path's digest: with zero bytes in its place, and behind the contents the places where it stood, each as
 * `|<position>`. Without these, contents that have zeros there already would get the same hash.
 */
import type { ByteSource } from "./byte-reader.ts";
import { rewriteDigests } from "./digest-rewriting.ts";
import { createHasher, type Hash } from "./hash.ts";

/** SHA-256 modulo a digest. */
export async function hashModulo(source: ByteSource, digest: string): Promise<Hash> {
  const hasher = createHasher("sha256");
  const positions: number[] = [];
  const zeros = new Map([[digest, "\0".repeat(digest.length)]]);
  for await (const chunk of rewriteDigests(source, zeros, (position) => positions.push(position)))
    hasher.update(chunk);
  for (const position of positions) hasher.update(Buffer.from(`|${position}`));
  return hasher.digest();
}
