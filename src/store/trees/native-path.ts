/**
 * File names as bytes. Linux names are bytes, Nix orders and hashes them as bytes, and `node:fs` takes text or
 * a Buffer; so trees are walked with byte strings (see #base), turned into what Node wants at the call.
 */
import type { ByteString } from "#base";

/** ASCII names stay strings: Node is faster with them than with Buffers. */
export function nativePath(path: ByteString): string | Buffer {
  for (let i = 0; i < path.length; i++) {
    if (path.charCodeAt(i) > 0x7f) return Buffer.from(path, "latin1");
  }
  return path;
}
