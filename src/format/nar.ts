/**
 * NAR, the Nix archive: a file tree as bytes, in exactly one way.
 *
 * Store objects are hashed, sent and compared as NARs. To be the same for everyone, a NAR holds only what
 * matters for a build: names, contents, the executable bit and targets of symbolic links; no times, owners or
 * further permissions. Everything is a *string*: its length as a little-endian 64-bit number, its bytes, and
 * zeros up to a multiple of 8. With strings shown bare, the grammar is
 *
 *     archive    = nix-archive-1 node
 *     node       = ( type regular [executable ""] contents <bytes> )
 *                | ( type symlink target <bytes> )
 *                | ( type directory entry* )
 *     entry      = entry ( name <bytes> node node )
 *
 * where the parentheses are strings too, and `node` in an entry is a word before the node itself. Entries are
 * in strictly ascending byte order of their names. This file writes NARs; nar-decoder.ts reads them.
 */
import { type ByteString, bytesFromByteString, CopseError, compareByteStrings } from "#base";

/** A file tree to be written. Names and targets are byte strings, and entries may come in any order. */
export type NarTree =
  | {
      readonly kind: "file";
      readonly executable: boolean;
      readonly sizeBytes: number;
      /** Pieces that make up `sizeBytes` bytes. A piece's buffer may be used again for the next one. */
      contents(): Iterable<Uint8Array>;
    }
  | { readonly kind: "symlink"; readonly target: ByteString }
  | { readonly kind: "directory"; entries(): Iterable<NarEntry> };

export type NarEntry = readonly [name: ByteString, tree: NarTree];

export const NAR_MAGIC = "nix-archive-1";

/**
 * Writes a tree to `sink`, which must be done with a chunk when it returns: buffers are used again.
 * Throws CopseError `nar-name` for names that no NAR can hold, and `nar-file-changed` for contents that are
 * not as long as was said.
 */
export function dumpNar(tree: NarTree, sink: (chunk: Uint8Array) => void): void {
  for (const chunk of encodeNar(tree)) sink(chunk);
}

/** As `dumpNar`, on demand. A chunk is valid until the next one is asked for. */
export function* encodeNar(tree: NarTree): Generator<Uint8Array, void, void> {
  const writer = new ChunkWriter();
  writer.constant(WORDS.magic);
  // The directories under way, outermost first, so that deep trees need no deep stack.
  const open: { readonly entries: readonly NarEntry[]; next: number }[] = [];
  for (let node: NarTree | undefined = tree; node !== undefined; ) {
    if (node.kind === "directory") {
      writer.constant(WORDS.directory);
      open.push({ entries: sortEntries(node.entries()), next: 0 });
    } else {
      if (node.kind === "file") yield* encodeFile(writer, node);
      else writer.symlink(node.target);
      if (open.length > 0) writer.constant(WORDS.endEntry);
    }
    node = undefined;
    for (let top = open.at(-1); top !== undefined && node === undefined; top = open.at(-1)) {
      const entry = top.entries[top.next++];
      if (entry) {
        writer.entry(entry[0]);
        node = entry[1];
      } else {
        open.pop();
        writer.constant(open.length > 0 ? WORDS.endDirectoryEntry : WORDS.end);
      }
      if (writer.isFull()) yield writer.flush();
    }
  }
  if (!writer.isEmpty()) yield writer.flush();
}

function* encodeFile(
  writer: ChunkWriter,
  file: Extract<NarTree, { kind: "file" }>,
): Generator<Uint8Array, void, void> {
  writer.constant(file.executable ? WORDS.executable : WORDS.file);
  writer.length(file.sizeBytes);
  let seen = 0;
  for (const piece of file.contents()) {
    seen += piece.length;
    if (piece.length > LARGEST_COPIED) {
      // Large contents are not copied: what was gathered goes first, then they themselves.
      if (!writer.isEmpty()) yield writer.flush();
      yield piece;
    } else {
      writer.bytes(piece);
      if (writer.isFull()) yield writer.flush();
    }
  }
  if (seen !== file.sizeBytes) {
    throw new CopseError(
      "nar-file-changed",
      `File has ${seen} bytes instead of those announced: \`${file.sizeBytes}\``,
    );
  }
  writer.pad(seen);
  writer.constant(WORDS.end);
  if (writer.isFull()) yield writer.flush();
}

function sortEntries(entries: Iterable<NarEntry>): readonly NarEntry[] {
  const sorted = [...entries].sort((a, b) => compareByteStrings(a[0], b[0]));
  for (let i = 0; i < sorted.length; i++) {
    const name = sorted[i]![0];
    if (!isNarName(name)) throw new CopseError("nar-name", `Invalid file name in a NAR: \`${name}\``);
    if (i > 0 && sorted[i - 1]![0] === name)
      throw new CopseError("nar-name", `File name is there twice: \`${name}\``);
  }
  return sorted;
}

/** Linux's NAME_MAX: a longer name could not be restored. */
export const MAX_NAME_BYTES = 255;

export function isNarName(name: ByteString): boolean {
  if (name === "" || name === "." || name === ".." || name.length > MAX_NAME_BYTES) return false;
  return !name.includes("/") && !name.includes("\0");
}

/** Zeros behind a string of so many bytes. */
export function padding(sizeBytes: number): number {
  return (8 - (sizeBytes % 8)) % 8;
}

const CHUNK_BYTES = 65536;
/** Pieces up to here are gathered into one chunk with their surroundings, as a chunk has a cost of its own. */
const LARGEST_COPIED = 8192;
/** Above this level a chunk is handed on; the rest is room for one entry's name and words and one piece. */
const FULL_LEVEL = CHUNK_BYTES - 2 * LARGEST_COPIED;

/** Gathers small strings in one buffer, which is used again after each flush. */
class ChunkWriter {
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #length = 0;

  isEmpty(): boolean {
    return this.#length === 0;
  }

  isFull(): boolean {
    return this.#length > FULL_LEVEL;
  }

  flush(): Uint8Array {
    const chunk = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    return chunk;
  }

  constant(words: Uint8Array): void {
    this.#buffer.set(words, this.#length);
    this.#length += words.length;
  }

  bytes(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  length(value: number): void {
    this.#buffer.writeUInt32LE(value >>> 0, this.#length);
    this.#buffer.writeUInt32LE(Math.floor(value / 2 ** 32), this.#length + 4);
    this.#length += 8;
  }

  pad(sizeBytes: number): void {
    const count = padding(sizeBytes);
    this.#buffer.fill(0, this.#length, this.#length + count);
    this.#length += count;
  }

  string(bytes: ByteString): void {
    this.length(bytes.length);
    this.#length += this.#buffer.write(bytes, this.#length, "latin1");
    this.pad(bytes.length);
  }

  entry(name: ByteString): void {
    this.constant(WORDS.entry);
    this.string(name);
    this.constant(WORDS.node);
  }

  symlink(target: ByteString): void {
    if (target === "" || target.length > LARGEST_COPIED || target.includes("\0")) {
      throw new CopseError(
        "nar-name",
        `Invalid target of a symbolic link in a NAR: \`${target.slice(0, 100)}\``,
      );
    }
    this.constant(WORDS.symlink);
    this.string(target);
    this.constant(WORDS.end);
  }
}

/** The fixed sequences of strings between the variable ones. */
const WORDS = {
  magic: words(NAR_MAGIC),
  file: words("(", "type", "regular", "contents"),
  executable: words("(", "type", "regular", "executable", "", "contents"),
  symlink: words("(", "type", "symlink", "target"),
  directory: words("(", "type", "directory"),
  entry: words("entry", "(", "name"),
  node: words("node"),
  end: words(")"),
  endEntry: words(")"),
  endDirectoryEntry: words(")", ")"),
} as const;

/** Strings of the archive one after the other, each with its length and padding. */
export function words(...strings: string[]): Uint8Array {
  const parts = strings.flatMap((text) => {
    const length = Buffer.alloc(8);
    length.writeUInt32LE(text.length);
    return [length, bytesFromByteString(text), Buffer.alloc(padding(text.length))];
  });
  return Buffer.concat(parts);
}
