/**
 * A file tree as a NAR, made for speed: tokens and file contents go straight into one large buffer, so a file
 * is read once, by one `read` where it is small, and is never copied again. `node:fs` is used directly, and
 * synchronously: per file, a promise costs more than the work.
 *
 * NAR is specified in Eelco Dolstra's thesis, figure 5.2. Every token is a 64-bit little-endian length, the
 * bytes, and zeros up to a multiple of 8; entries stand in byte order; of the mode, only "executable by the
 * owner" counts.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
} from "node:fs";
import { type ByteString, byteStringFromBytes, CopseError, textFromByteString } from "#base";
import { finishDirectory, finishFile, makeLink, writeFully } from "./canonical-entries.ts";
import { nativePath } from "./native-path.ts";

export type EntryKind = "regular" | "directory" | "symlink" | "unknown";

/** Whether an entry below the top belongs to the tree. Given the whole path. */
export type TreeFilter = (path: ByteString, kind: EntryKind) => boolean;

export interface DumpOptions {
  readonly filter?: TreeFilter | undefined;
  /**
   * Where a copy of what is dumped is made, byte for byte what the chunks hold, with canonical metadata. Nothing may be
   * there yet.
   */
  readonly copyTo?: ByteString | undefined;
  /** What the next chunk is put into, of `CHUNK_BUFFER_BYTES`. Default: one buffer, again and again. */
  readonly nextBuffer?: (() => Buffer) | undefined;
}

const FULL_BYTES = 1 << 20;
/**
 * Beyond the level at which a chunk is handed on there is room for one entry, with its name of at most 255
 * bytes and link target of at most 4096, and for the closing of as many directories as fit into a path.
 */
export const CHUNK_BUFFER_BYTES = FULL_BYTES + 128 * 1024;

const MAGIC = token("nix-archive-1");
const REGULAR = token("(") + token("type") + token("regular");
const EXECUTABLE = token("executable") + token("");
const CONTENTS = token("contents");
const DIRECTORY = token("(") + token("type") + token("directory");
const SYMLINK = token("(") + token("type") + token("symlink") + token("target");
const CLOSE = token(")");
const ENTRY = token("entry") + token("(") + token("name");
const NODE = token("node");

/** The chunks of the NAR of what is at `path`. A chunk is valid until the next is asked for. */
export function* dumpTree(path: ByteString, options: DumpOptions = {}): Generator<Buffer, void, void> {
  const out = new ChunkBuffer(options.nextBuffer ?? reusedBuffer());
  const { copyTo } = options;
  const filter = copyTo === undefined ? options.filter : refusingItself(path, copyTo, options.filter);
  out.write(MAGIC);
  yield* dumpNode(out, { path, kind: kindOf(path), copyTo }, filter);
  if (out.length > 0) yield out.take();
}

/** A copy that is made within the tree that it is of would never end. Where a filter leaves its place out, it may be. */
function refusingItself(
  path: ByteString,
  copyTo: ByteString,
  filter: TreeFilter | undefined,
): TreeFilter | undefined {
  const source = `${resolved(path) ?? path}/`;
  const target = `${resolved(parentOf(copyTo)) ?? parentOf(copyTo)}${copyTo.slice(copyTo.lastIndexOf("/"))}`;
  if (!target.startsWith(source)) return filter;
  const seen = `${path === "/" ? "" : path}/${target.slice(source.length)}`;
  return (entry, kind) => {
    if (filter !== undefined && !filter(entry, kind)) return false;
    if (entry !== seen) return true;
    throw new CopseError(
      "store-within-source",
      `The store lies within what is to be copied into it: \`${textFromByteString(path)}\``,
      { hint: "name a smaller folder, or leave the store out by builtins.path with a filter" },
    );
  };
}

function parentOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** Without links on the way; undefined where there is nothing. */
function resolved(path: ByteString): ByteString | undefined {
  try {
    return byteStringFromBytes(realpathSync(nativePath(path), { encoding: "buffer" }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** What lies at a path itself, links not followed. Throws CopseError `file-not-found`. */
export function kindOf(path: ByteString): EntryKind {
  const info = lstatSync(nativePath(path), { throwIfNoEntry: false });
  if (info === undefined) {
    throw new CopseError("file-not-found", `No such file or directory: \`${textFromByteString(path)}\``);
  }
  return entryKind(info);
}

export function entryKind(entry: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}): EntryKind {
  if (entry.isFile()) return "regular";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "unknown";
}

export interface TreeEntry {
  readonly name: ByteString;
  readonly kind: EntryKind;
}

/** The entries of a directory, in byte order. */
export function sortedEntries(path: ByteString): TreeEntry[] {
  const entries = readdirSync(nativePath(path), { encoding: "latin1", withFileTypes: true });
  return entries
    .map((entry) => ({ name: entry.name, kind: entryKind(entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function specialFileError(path: ByteString): CopseError {
  return new CopseError(
    "store-special-file",
    `Only files, directories and symbolic links can be in the store: \`${textFromByteString(path)}\``,
    { hint: "sockets, devices and named pipes must be left out" },
  );
}

interface Node {
  readonly path: ByteString;
  readonly kind: EntryKind;
  readonly copyTo: ByteString | undefined;
}

function* dumpNode(
  out: ChunkBuffer,
  node: Node,
  filter: TreeFilter | undefined,
): Generator<Buffer, void, void> {
  const { path, copyTo } = node;
  switch (node.kind) {
    case "regular":
      yield* dumpFile(out, node);
      return;
    case "symlink": {
      const target = readlinkSync(nativePath(path), "latin1");
      out.write(SYMLINK + token(target) + CLOSE);
      if (copyTo !== undefined) makeLink(copyTo, target);
      return;
    }
    case "directory":
      out.write(DIRECTORY);
      if (copyTo !== undefined) mkdirSync(nativePath(copyTo), 0o755);
      for (const entry of sortedEntries(path)) {
        const entryPath = path === "/" ? `/${entry.name}` : `${path}/${entry.name}`;
        if (filter !== undefined && !filter(entryPath, entry.kind)) continue;
        if (out.isFull) yield out.take();
        out.write(ENTRY + token(entry.name) + NODE);
        const entryCopy = copyTo === undefined ? undefined : `${copyTo}/${entry.name}`;
        yield* dumpNode(out, { path: entryPath, kind: entry.kind, copyTo: entryCopy }, filter);
        out.write(CLOSE);
      }
      out.write(CLOSE);
      if (copyTo !== undefined) finishDirectory(copyTo);
      return;
    case "unknown":
      throw specialFileError(path);
  }
}

function* dumpFile(out: ChunkBuffer, { path, copyTo }: Node): Generator<Buffer, void, void> {
  const fd = openSync(nativePath(path), constants.O_RDONLY | constants.O_NOFOLLOW);
  let copy: number | undefined;
  try {
    const { mode, size } = fstatSync(fd);
    const isExecutable = (mode & 0o100) !== 0;
    if (copyTo !== undefined) copy = openSync(nativePath(copyTo), "wx", 0o600);
    out.write(`${REGULAR}${isExecutable ? EXECUTABLE : ""}${CONTENTS}${lengthField(size)}`);
    let remaining = size;
    while (remaining > 0) {
      if (out.isFull) yield out.take();
      const bytes = out.readFrom(fd, remaining);
      // The length stands before the contents, so a file that shrinks meanwhile cannot be saved.
      if (bytes.length === 0) throw changedError(path);
      if (copy !== undefined) writeFully(copy, bytes);
      remaining -= bytes.length;
    }
    out.write("\0".repeat(paddingOf(size)) + CLOSE);
    if (copy !== undefined) finishFile(copy, isExecutable);
  } finally {
    closeSync(fd);
    if (copy !== undefined) closeSync(copy);
  }
  if (out.isFull) yield out.take();
}

/** For consumers that keep chunks while asking for the next. */
export function freshBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(CHUNK_BUFFER_BYTES);
}

function reusedBuffer(): () => Buffer {
  const buffer = freshBuffer();
  return () => buffer;
}

class ChunkBuffer {
  readonly #next: () => Buffer;
  #bytes: Buffer | undefined;
  length = 0;

  constructor(next: () => Buffer) {
    this.#next = next;
  }

  get isFull(): boolean {
    return this.length >= FULL_BYTES;
  }

  write(bytes: ByteString): void {
    this.#bytes ??= this.#next();
    const written = this.#bytes.write(bytes, this.length, "latin1");
    if (written !== bytes.length) throw new Error("Chunk buffer is too small");
    this.length += written;
  }

  /** What was read, in place. Empty at the end of the file. */
  readFrom(fd: number, limit: number): Buffer {
    this.#bytes ??= this.#next();
    const count = readSync(fd, this.#bytes, this.length, Math.min(limit, FULL_BYTES - this.length), null);
    this.length += count;
    return this.#bytes.subarray(this.length - count, this.length);
  }

  take(): Buffer {
    const chunk = this.#bytes!.subarray(0, this.length);
    this.#bytes = undefined;
    this.length = 0;
    return chunk;
  }
}

function token(bytes: ByteString): ByteString {
  return lengthField(bytes.length) + bytes + "\0".repeat(paddingOf(bytes.length));
}

function lengthField(length: number): ByteString {
  let field = "";
  for (let i = 0, rest = length; i < 8; i++, rest = Math.floor(rest / 256)) {
    field += String.fromCharCode(rest % 256);
  }
  return field;
}

function paddingOf(length: number): number {
  return (8 - (length % 8)) % 8;
}

function changedError(path: ByteString): CopseError {
  return new CopseError(
    "file-changed",
    `File became shorter while it was read: \`${textFromByteString(path)}\``,
  );
}
