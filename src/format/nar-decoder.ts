/**
 * Reads NARs (the format is described in nar.ts) as a stream of events.
 *
 * Accepted is only what `dumpNar` could have written: one NAR per tree. Anything else would let two different
 * NARs, with two hashes, restore to the same tree. Names are checked (no slash, no NUL, not `.` or `..`),
 * strictly ascending (so none comes twice), and all lengths but those of file contents are bounded, so what a
 * NAR restores to stays below its target.
 */
import type { ByteString, CopseError } from "#base";
import { ByteReader, ByteSection, type ByteSource } from "./byte-reader.ts";
import { isNarName, MAX_NAME_BYTES, NAR_MAGIC, padding, words } from "./nar.ts";

/** `path` is relative to the root, without a leading slash; the root's own is "". */
export type NarEvent =
  | { readonly kind: "directory"; readonly path: ByteString }
  | { readonly kind: "directory-end"; readonly path: ByteString }
  | { readonly kind: "symlink"; readonly path: ByteString; readonly target: ByteString }
  | {
      readonly kind: "file";
      readonly path: ByteString;
      readonly executable: boolean;
      readonly sizeBytes: number;
      /** To be read, once, before the next event is asked for; what is left then is skipped. */
      readonly contents: AsyncIterable<Uint8Array>;
    };

/** Linux's PATH_MAX bounds targets, and paths of one-letter names to this depth. */
const MAX_TARGET_BYTES = 4095;
const MAX_DEPTH = 2048;
const MAX_WORD_BYTES = 16;

/** The events of one NAR, which must end where its source ends. Throws CopseError `nar-invalid`. */
export async function* decodeNar(source: ByteSource): AsyncGenerator<NarEvent, void, void> {
  const reader = new ByteReader(source, { code: "nar-invalid", format: "NAR" });
  try {
    yield* decodeNarFrom(reader);
    if (!(await reader.atEnd())) throw reader.error("bytes behind the end");
  } finally {
    await reader.close();
  }
}

/** As `decodeNar`, from a stream that goes on behind the NAR. */
export async function* decodeNarFrom(reader: ByteReader): AsyncGenerator<NarEvent, void, void> {
  for (const step of decodeSteps(reader)) {
    if (typeof step === "number") await reader.need(step);
    else yield step;
    if (typeof step === "object" && step.kind === "file") await (step.contents as ByteSection).finish();
  }
}

/**
 * Decoding proper: an event, or the number of bytes that must be there before it can go on. Thus it is
 * synchronous wherever the bytes have come, which counts, as a NAR consists of many tiny strings.
 */
type Step = NarEvent | number;
type Steps<T> = Generator<Step, T, void>;

function* decodeSteps(reader: ByteReader): Steps<void> {
  yield* expect(reader, SEQUENCES.magic);
  // The directories under way, outermost first, with the last name seen in each.
  const open: { readonly path: ByteString; lastName: ByteString }[] = [];
  let path = "";
  do {
    yield* expect(reader, SEQUENCES.node);
    const type = yield* readString(reader, MAX_WORD_BYTES);
    if (type === "directory") {
      if (open.length === MAX_DEPTH) throw reader.error("directories are nested too deeply");
      open.push({ path, lastName: "" });
      yield { kind: "directory", path };
    } else {
      if (type === "regular") yield* decodeFile(reader, path);
      else if (type === "symlink") yield* decodeSymlink(reader, path);
      else throw unexpected(reader, "a type of node", type);
      if (open.length > 0) yield* expect(reader, SEQUENCES.end);
    }
    // To the next entry, closing the directories that end here.
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const word = yield* readString(reader, MAX_WORD_BYTES);
      if (word === "entry") {
        path = yield* readEntryPath(reader, top);
        break;
      }
      if (word !== ")") throw unexpected(reader, '"entry" or ")"', word);
      open.pop();
      yield { kind: "directory-end", path: top.path };
      if (open.length > 0) yield* expect(reader, SEQUENCES.end);
    }
  } while (open.length > 0);
}

function* decodeFile(reader: ByteReader, path: ByteString): Steps<void> {
  let word = yield* readString(reader, MAX_WORD_BYTES);
  const executable = word === "executable";
  if (executable) {
    yield* expect(reader, SEQUENCES.empty);
    word = yield* readString(reader, MAX_WORD_BYTES);
  }
  if (word !== "contents") throw unexpected(reader, '"contents"', word);
  const sizeBytes = yield* readLength(reader);
  yield { kind: "file", path, executable, sizeBytes, contents: new ByteSection(reader, sizeBytes) };
  yield* readPadding(reader, sizeBytes);
  yield* expect(reader, SEQUENCES.end);
}

function* decodeSymlink(reader: ByteReader, path: ByteString): Steps<void> {
  yield* expect(reader, SEQUENCES.target);
  const target = yield* readString(reader, MAX_TARGET_BYTES);
  if (target === "" || target.includes("\0")) throw reader.error("symbolic link with an impossible target");
  yield* expect(reader, SEQUENCES.end);
  yield { kind: "symlink", path, target };
}

function* readEntryPath(
  reader: ByteReader,
  directory: { readonly path: ByteString; lastName: ByteString },
): Steps<ByteString> {
  yield* expect(reader, SEQUENCES.name);
  const name = yield* readString(reader, MAX_NAME_BYTES);
  if (!isNarName(name)) throw reader.error(`impossible file name ${JSON.stringify(name)}`);
  if (name <= directory.lastName)
    throw reader.error(`NAR directory is not sorted at ${JSON.stringify(name)}`);
  directory.lastName = name;
  yield* expect(reader, SEQUENCES.startOfNode);
  return directory.path === "" ? name : `${directory.path}/${name}`;
}

/** Strings that can only come in this order, compared as bytes. */
interface Sequence {
  readonly bytes: Uint8Array;
  readonly shown: string;
}

const SEQUENCES = {
  magic: sequence(NAR_MAGIC),
  node: sequence("(", "type"),
  name: sequence("(", "name"),
  startOfNode: sequence("node"),
  target: sequence("target"),
  empty: sequence(""),
  end: sequence(")"),
} as const;

function sequence(...strings: string[]): Sequence {
  return { bytes: words(...strings), shown: JSON.stringify(strings.join(" ")) };
}

function* expect(reader: ByteReader, { bytes, shown }: Sequence): Steps<void> {
  if (!reader.has(bytes.length)) yield bytes.length;
  if (!reader.takeIfEqual(bytes)) throw reader.error(`expected ${shown} before here`);
}

function* readString(reader: ByteReader, maxBytes: number): Steps<ByteString> {
  const size = yield* readLength(reader);
  if (size > maxBytes) throw reader.error(`string of ${size} bytes where ${maxBytes} are possible`);
  const padded = size + padding(size);
  if (!reader.has(padded)) yield padded;
  const text = reader.takeString(size);
  if (!reader.takeIfEqual(ZEROS[padded - size]!)) throw reader.error(NOT_ZERO);
  return text;
}

function* readLength(reader: ByteReader): Steps<number> {
  if (!reader.has(8)) yield 8;
  const value = reader.takeUint64();
  if (!Number.isSafeInteger(value)) throw reader.error("impossible length");
  return value;
}

function* readPadding(reader: ByteReader, size: number): Steps<void> {
  const count = padding(size);
  if (!reader.has(count)) yield count;
  if (!reader.takeIfEqual(ZEROS[count]!)) throw reader.error(NOT_ZERO);
}

const ZEROS = Array.from({ length: 8 }, (_, count) => new Uint8Array(count));
const NOT_ZERO = "padding that is not zero";

function unexpected(reader: ByteReader, expected: string, actual: string): CopseError {
  return reader.error(`expected ${expected}, found ${JSON.stringify(actual)}`);
}
