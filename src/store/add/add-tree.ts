/**
 * Sources into the store: `${./path}`, `builtins.path`, `nix-store --add`.
 *
 * `addTree` is for the evaluator, and synchronous. Mostly the tree is in the store already, so it is hashed where it
 * lies first. Only if its path is not valid is it copied, and then the copy is what counts: somebody may be editing
 * the source at this moment. `addLargeTree` waits for nothing and does not look first: what is given to `--add` is
 * mostly new. Either hashes what it copies while copying it.
 */
import { readFileSync } from "node:fs";
import { type ByteString, byteStringFromText, CopseError } from "#base";
import {
  createHasher,
  formatHash,
  type Hash,
  type HashAlgorithm,
  hashBytes,
  hashesEqual,
  makeFixedOutputPath,
  makeTextPath,
  type StorePath,
} from "#format";
import { fileError } from "#host";
import { lockPathSync, lockPaths, type PathLock } from "../locks/path-lock.ts";
import { fixedContentAddress, type PathInfo, textContentAddress } from "../path-info.ts";
import type { StoreContext } from "../store-context.ts";
import { finishLooseFile } from "../trees/canonical-entries.ts";
import { dumpTree, kindOf, type TreeFilter } from "../trees/dump-tree.ts";
import { copyAndHashTree, type HashedTree, hashTreeSync } from "../trees/hash-tree.ts";
import { nativePath } from "../trees/native-path.ts";
import { removeTree } from "../trees/place-tree.ts";
import type { TreeWorkers } from "../trees/tree-workers.ts";
import { putInPlace } from "./put-in-place.ts";

/** `nar`: a tree, by its NAR. `flat`: one file, by its bytes. `text`: the same, named as evaluation names its files. */
export type AddMethod = "nar" | "flat" | "text";

export interface TreeRequest {
  readonly name: string;
  /** Real path. */
  readonly source: ByteString;
  /** Default `nar`. */
  readonly method?: AddMethod | undefined;
  /** Default: that of the expected hash, else SHA-256, which is all that `text` knows. */
  readonly algorithm?: HashAlgorithm | undefined;
  /** Asked for every entry below the top, with the whole path. */
  readonly filter?: TreeFilter | undefined;
  /** Of a tree by the SHA-256 of its NAR: valid paths that it refers to. */
  readonly references?: readonly StorePath[] | undefined;
  /** Known beforehand: a valid path is then found without reading the source. */
  readonly expectedHash?: Hash | undefined;
}

/** The path that adding would give, without adding. */
export function treePath(request: TreeRequest): StorePath {
  const { source, method = "nar", filter, expectedHash } = request;
  const hash = contentHash(source, method, algorithmOf(request), filter);
  checkHash(hash, expectedHash, source);
  return pathOf(request, hash);
}

/**
 * Throws CopseError `file-not-found`, `not-a-file`, `store-special-file`, `hash-mismatch`, `store-add-algorithm`, and
 * those of writing.
 */
export function addTree(context: StoreContext, request: TreeRequest): StorePath {
  const { expectedHash } = request;
  const path = expectedHash ? pathOf(request, expectedHash) : treePath(request);
  if (context.db.isValid(path)) {
    context.protect(path);
    if (context.db.isValid(path)) return path;
  }
  const temporary = byteStringFromText(context.tempPath());
  try {
    if (request.method !== "nar" && request.method !== undefined) checkIsFile(request.source);
    const copied = copyAndHashTree(request.source, temporary, request.filter);
    const made = finish(request, { temporary, copied });
    using _lock = lockPathSync(prepare(context, made.path));
    place(context, temporary, made);
    return made.path;
  } catch (error) {
    throw fileError(error, request.source);
  } finally {
    removeTree(temporary);
  }
}

/** The same beside the main thread, for a tree of any size. Throws what `addTree` does. */
export async function addLargeTree(
  context: StoreContext,
  request: TreeRequest,
  options: { readonly workers: TreeWorkers; readonly signal?: AbortSignal | undefined },
): Promise<PathInfo> {
  const { workers, signal } = options;
  // A filter is a function, which no other thread can be given. Where nothing can be written, only what is there already
  // can be added, so that must be looked for.
  if (request.filter !== undefined || context.place.readOnly)
    return context.db.queryInfo(addTree(context, request))!;
  const temporary = byteStringFromText(context.tempPath());
  try {
    if (request.method !== "nar" && request.method !== undefined) checkIsFile(request.source);
    const copied = await workers.hashTree(request.source, { copyTo: temporary, signal });
    const made = finish(request, { temporary, copied });
    using _lock: PathLock = await lockPaths([prepare(context, made.path)], signal);
    place(context, temporary, made);
    return context.db.queryInfo(made.path)!;
  } catch (error) {
    throw fileError(error, request.source);
  } finally {
    removeTree(temporary);
  }
}

interface MadeTree {
  readonly path: StorePath;
  readonly tree: HashedTree;
  readonly ca: string;
  readonly references: readonly StorePath[];
}

/** What has been copied, under the name that it gets. */
function finish(
  request: TreeRequest,
  { temporary, copied }: { readonly temporary: ByteString; readonly copied: HashedTree },
): MadeTree {
  const { method = "nar", expectedHash, source } = request;
  let tree = copied;
  // Only bytes count for a single file, so it is never executable.
  if (method !== "nar" && finishLooseFile(temporary)) tree = hashTreeSync(temporary);
  const algorithm = algorithmOf(request);
  const isNarHash = method === "nar" && algorithm === "sha256";
  const hash = isNarHash ? tree.narHash : contentHash(temporary, method, algorithm);
  checkHash(hash, expectedHash, source);
  const ca = method === "text" ? textContentAddress(hash) : fixedContentAddress(method, hash);
  return { path: pathOf(request, hash), tree, ca, references: [...new Set(request.references)].sort() };
}

function prepare(context: StoreContext, path: StorePath): string {
  context.protect(path);
  return context.realPath(path);
}

/** The caller holds the lock. */
function place(context: StoreContext, temporary: ByteString, made: MadeTree): void {
  const { path, tree, ca, references } = made;
  if (context.db.isValid(path)) return;
  putInPlace(context, temporary, path);
  const { narHash, narSize } = tree;
  const registrationTime = context.nowSeconds();
  const info: PathInfo = { path, narHash, narSize, references, registrationTime, ca, ultimate: false };
  context.db.registerPaths([info], () => new Map());
}

function pathOf({ name, method = "nar", references = [] }: TreeRequest, hash: Hash): StorePath {
  return method === "text"
    ? makeTextPath({ name, hash, references })
    : makeFixedOutputPath({ name, method, hash, references });
}

function algorithmOf({ method, algorithm, expectedHash }: TreeRequest): HashAlgorithm {
  const chosen = algorithm ?? expectedHash?.algorithm ?? "sha256";
  if (method !== "text" || chosen === "sha256") return chosen;
  throw new CopseError(
    "store-add-algorithm",
    `A text is added by its SHA-256, not by another hash: \`${chosen}\``,
  );
}

/** The hash by which contents are known: of a file's bytes, or of a tree's NAR. */
export function contentHash(
  path: ByteString,
  method: AddMethod,
  algorithm: HashAlgorithm,
  filter?: TreeFilter,
): Hash {
  if (method !== "nar") {
    checkIsFile(path);
    return hashBytes(algorithm, readFileSync(nativePath(path)));
  }
  const hasher = createHasher(algorithm);
  for (const chunk of dumpTree(path, { filter })) hasher.update(chunk);
  return hasher.digest();
}

export function checkHash(actual: Hash, expected: Hash | undefined, what: string): void {
  if (expected === undefined || hashesEqual(actual, expected)) return;
  throw new CopseError("hash-mismatch", `Contents do not have the hash that was promised: \`${what}\``, {
    hint: `specified: ${formatHash(expected, "sri")}\n      got: ${formatHash(actual, "sri")}`,
  });
}

function checkIsFile(path: ByteString): void {
  if (kindOf(path) !== "regular") throw new CopseError("not-a-file", `Not a regular file: \`${path}\``);
}
