/** Pure codecs: bytes and text in, values out, and back. Nothing here touches a file or a socket. */

export * from "./ar.ts";
export { ByteReader, ByteSection, type ByteSource, collectBytes } from "./byte-reader.ts";
export * from "./bzip2.ts";
export * from "./deb-control.ts";
export * from "./deb-relations.ts";
export * from "./deb-version.ts";
export {
  type Derivation,
  type DerivationOutput,
  derivationPath,
  formatDerivation,
  parseDerivation,
} from "./derivation.ts";
export * from "./derivation-hash.ts";
export * from "./derivation-json.ts";
export * from "./derivation-kind.ts";
export * from "./derivation-resolve.ts";
export * from "./digest-rewriting.ts";
export * from "./export-stream.ts";
export * from "./hash.ts";
export * from "./hash-modulo.ts";
export * from "./json.ts";
export { dumpNar, encodeNar, type NarEntry, type NarTree } from "./nar.ts";
export * from "./nar-decoder.ts";
export * from "./nar-stream.ts";
export * from "./nix32.ts";
export * from "./placeholders.ts";
export * from "./signature.ts";
export * from "./store-name.ts";
export * from "./store-path.ts";
export * from "./tar.ts";
export * from "./toml/mod.ts";
