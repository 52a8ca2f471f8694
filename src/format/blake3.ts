/**
 * BLAKE3, which Node's OpenSSL lacks. Few ever need it, so the library is loaded at the first use: that takes a few
 * milliseconds, which no command should begin with.
 */
import { createRequire } from "node:module";

type Blake3 = typeof import("@noble/hashes/blake3.js")["blake3"];

const require = createRequire(import.meta.url);

export function blake3(bytes: Uint8Array): Uint8Array {
  return loaded()(bytes);
}

export function createBlake3(): ReturnType<Blake3["create"]> {
  return loaded().create();
}

function loaded(): Blake3 {
  return (require("@noble/hashes/blake3.js") as { readonly blake3: Blake3 }).blake3;
}
