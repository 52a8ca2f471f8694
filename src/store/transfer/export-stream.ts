/**
 * `nix-store --export` and `--import`: paths with their facts as one stream. Numbers are 64-bit little-endian, strings
 * a length, the bytes and zeros up to a multiple of 8, as in a NAR:
 *
 *     1                       another path follows
 *     <NAR>
 *     0x4558494e              "NIXE"
 *     path
 *     count, references
 *     deriver                 or the empty string
 *     0                       or 1 and a signature, which nobody writes any more
 *     …
 *     0                       the end
 *
 * The hash is not in it: it is what the NAR has. A NAR is the only one of its tree, so the tree is written while it is
 * decoded, and hashed where it lies then.
 */
import { type ByteString, byteStringFromBytes, byteStringFromText, CopseError } from "#base";
import {
  ByteReader,
  createHasher,
  decodeNarFrom,
  formatPrefixedHash,
  hashesEqual,
  parseStorePath,
  type StorePath,
} from "#format";
import { putInPlace } from "../add/put-in-place.ts";
import { checkedOutputs } from "../derivation-check.ts";
import { lockPaths } from "../locks/path-lock.ts";
import type { PathInfo } from "../path-info.ts";
import type { StoreContext } from "../store-context.ts";
import { dumpTree, freshBuffer } from "../trees/dump-tree.ts";
import { removeTree } from "../trees/place-tree.ts";
import { restoreEvents } from "../trees/restore-tree.ts";
import type { TreeWorkers } from "../trees/tree-workers.ts";

const MAGIC = 0x4558494e;
const LONGEST_STRING = 4096;
/** A path refers to a few thousand at most; what says more is no list of references. */
const MOST_REFERENCES = 1_000_000;

/** Dependencies come first. Throws CopseError `store-path-modified` where a path is no longer what was registered. */
export async function* exportPaths(
  context: StoreContext,
  infos: readonly PathInfo[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const info of infos) {
    yield number(1);
    const hasher = createHasher("sha256");
    const real = byteStringFromText(context.realPath(info.path));
    for (const chunk of dumpTree(real, { nextBuffer: freshBuffer })) {
      signal?.throwIfAborted();
      hasher.update(chunk);
      yield chunk;
    }
    const actual = hasher.digest();
    if (!hashesEqual(actual, info.narHash)) {
      const [was, is] = [info.narHash, actual].map((hash) => formatPrefixedHash(hash, "nix32"));
      throw new CopseError(
        "store-path-modified",
        `hash of path '${info.path}' has changed from '${was}' to '${is}'!`,
      );
    }
    yield Buffer.concat([
      number(MAGIC),
      string(info.path),
      number(info.references.length),
      ...info.references.map(string),
      string(info.deriver ?? ""),
      number(0),
    ]);
  }
  yield number(0);
}

/**
 * Adds all that the stream holds, in its order. Throws CopseError `export-invalid`, `nar-invalid`,
 * `store-reference-invalid` where what a path refers to is neither valid nor came before it.
 */
export async function importPaths(
  context: StoreContext,
  stream: AsyncIterable<Uint8Array>,
  options: { readonly workers: TreeWorkers; readonly signal?: AbortSignal | undefined },
): Promise<StorePath[]> {
  const reader = new ByteReader(stream, { code: "export-invalid", format: "export" });
  const paths: StorePath[] = [];
  for (;;) {
    const isMore = await readNumber(reader);
    if (isMore === 0) return paths;
    if (isMore !== 1) {
      throw new CopseError(
        "export-invalid",
        "input doesn't look like something created by 'nix-store --export'",
      );
    }
    paths.push(await importPath(context, reader, options));
  }
}

async function importPath(
  context: StoreContext,
  reader: ByteReader,
  options: { readonly workers: TreeWorkers; readonly signal?: AbortSignal | undefined },
): Promise<StorePath> {
  const { workers, signal } = options;
  const temporary = byteStringFromText(context.tempPath());
  try {
    await restoreEvents(decodeNarFrom(reader), temporary, { signal });
    const facts = await readFacts(reader);
    context.protect(facts.path, ...facts.references);
    if (context.db.isValid(facts.path)) return facts.path;
    const { narHash, narSize } = await workers.hashTree(temporary, { signal });
    const real = context.realPath(facts.path);
    using _lock = await lockPaths([real], signal);
    if (context.db.isValid(facts.path)) return facts.path;
    putInPlace(context, temporary, facts.path);
    const info = { ...facts, narHash, narSize, registrationTime: context.nowSeconds(), ultimate: false };
    context.db.registerPaths([info], (path) => checkedOutputs(path, (other) => context.realPath(other)));
    return facts.path;
  } finally {
    removeTree(temporary);
  }
}

async function readFacts(reader: ByteReader): Promise<Pick<PathInfo, "path" | "references" | "deriver">> {
  if ((await readNumber(reader)) !== MAGIC) {
    throw new CopseError("export-invalid", "Nix archive cannot be imported; wrong format");
  }
  const path = parseStorePath(await readString(reader));
  const count = await readNumber(reader);
  if (count > MOST_REFERENCES) throw reader.error("too many references");
  const references: StorePath[] = [];
  for (let i = 0; i < count; i++) references.push(parseStorePath(await readString(reader)));
  const deriver = await readString(reader);
  // A signature of old.
  if ((await readNumber(reader)) === 1) await readString(reader);
  return {
    path,
    references: references.sort(),
    deriver: deriver === "" ? undefined : parseStorePath(deriver),
  };
}

async function readNumber(reader: ByteReader): Promise<number> {
  await reader.need(8);
  const value = reader.take(8).readBigUInt64LE();
  if (value > Number.MAX_SAFE_INTEGER) throw reader.error("number is too large");
  return Number(value);
}

async function readString(reader: ByteReader): Promise<ByteString> {
  const length = await readNumber(reader);
  if (length > LONGEST_STRING) throw reader.error("string is too long");
  const padded = length + ((8 - (length % 8)) % 8);
  await reader.need(padded);
  const bytes = reader.take(padded);
  if (bytes.subarray(length).some((byte) => byte !== 0)) throw reader.error("padding is not zero");
  return byteStringFromBytes(bytes.subarray(0, length));
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function string(text: ByteString): Buffer {
  const padding = (8 - (text.length % 8)) % 8;
  return Buffer.concat([number(text.length), Buffer.from(text + "\0".repeat(padding), "latin1")]);
}
