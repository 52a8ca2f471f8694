/**
 * One NAR out of a stream that goes on behind it. Where a NAR ends is known only by reading it, so it is decoded and
 * written again: as there is one NAR for each tree, these are the bytes that were read.
 */
import type { ByteString } from "#base";
import type { ByteReader } from "./byte-reader.ts";
import { NAR_MAGIC, padding, words } from "./nar.ts";
import { decodeNarFrom, type NarEvent } from "./nar-decoder.ts";

/** The bytes of the NAR that the reader stands before. Throws CopseError as the reader's errors are. */
export async function* takeNar(reader: ByteReader): AsyncGenerator<Uint8Array, void, void> {
  yield words(NAR_MAGIC);
  for await (const event of decodeNarFrom(reader)) {
    yield opening(event);
    if (event.kind === "file") {
      yield* event.contents;
      yield Buffer.alloc(padding(event.sizeBytes));
    }
    if (event.kind !== "directory") yield closing(event.path);
  }
}

function opening(event: NarEvent): Uint8Array {
  if (event.kind === "directory-end") return EMPTY;
  const entry = event.path === "" ? EMPTY : words("entry", "(", "name", baseName(event.path), "node");
  switch (event.kind) {
    case "directory":
      return Buffer.concat([entry, words("(", "type", "directory")]);
    case "symlink":
      return Buffer.concat([entry, words("(", "type", "symlink", "target", event.target)]);
    case "file": {
      const flags = event.executable ? ["executable", ""] : [];
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(event.sizeBytes));
      return Buffer.concat([entry, words("(", "type", "regular", ...flags, "contents"), size]);
    }
  }
}

/** Of a node, and of the entry that it is in. */
function closing(path: ByteString): Uint8Array {
  return path === "" ? words(")") : words(")", ")");
}

function baseName(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}

const EMPTY = Buffer.alloc(0);
