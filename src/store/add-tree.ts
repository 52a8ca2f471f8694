/**
 * Sources into the store: `${./path}`, `builtins.path`, `nix-store --add`. Synchronous, for the evaluator.
 *
 * Mostly the tree is in the store already, so it is hashed where it lies first. Only if its path is not valid
 * is it copied, and then the copy is what counts: somebody may be editing the source at this moment.
 */
import { chmodSync, readFileSync } from "node:fs";
import { type ByteString, byteStringFromText, CopseError } from "#base";
import {
  createHasher,
  formatHash,
  type Hash,
  type HashAlgorithm,
  hashBytes,
  hashesEqual,
  makeFixedOutputPath,
  type StorePath,
} from "#format";
import { canonicaliseTree } from "./canonical.ts";
import { dumpTree, kindOf, type TreeFilter } from "./dump-tree.ts";
import { hashTreeSync } from "./hash-tree.ts";
import { nativePath } from "./native-path.ts";
import { fixedContentAddress } from "./path-info.ts";
import { lockPathSync } from "./path-lock.ts";
import { copyTree, moveIntoPlace, removeTree } from "./place-tree.ts";
import type { StoreContext } from "./store-context.ts";

export interface TreeRequest {
  readonly name: string;
  /** Real path. */
  readonly source: ByteString;
  /** `flat` takes one regular file by its bytes; default `nar`. */
  readonly method?: "nar" | "flat" | undefined;
  /** Asked for every entry below the top, with the whole path. */
  readonly filter?: TreeFilter | undefined;
  /** Known beforehand: a valid path is then found without reading the source. */
  readonly expectedHash?: Hash | undefined;
}

/** The path that adding would give, without adding. */
export function treePath(request: TreeRequest): StorePath {
  const { name, source, method = "nar", filter, expectedHash } = request;
  const hash = contentHash(source, method, expectedHash?.algorithm ?? "sha256", filter);
  checkHash(hash, expectedHash, source);
  return makeFixedOutputPath({ name, method, hash });
}

/** Throws CopseError `file-not-found`, `not-a-file`, `store-special-file`, `hash-mismatch`. */
export function addTree(context: StoreContext, request: TreeRequest): StorePath {
  const { name, method = "nar", expectedHash } = request;
  const path = expectedHash ? makeFixedOutputPath({ name, method, hash: expectedHash }) : treePath(request);
  return context.db.isValid(path) ? path : copyIntoStore(context, request);
}

function copyIntoStore(context: StoreContext, request: TreeRequest): StorePath {
  const { name, source, method = "nar", filter, expectedHash } = request;
  const temporary = byteStringFromText(context.tempPath());
  try {
    if (method === "flat") checkIsFile(source);
    copyTree(source, temporary, filter);
    // Only bytes count for a flat file, so it is never executable.
    if (method === "flat") chmodSync(nativePath(temporary), 0o644);
    canonicaliseTree(temporary);
    const tree = hashTreeSync(temporary);
    const algorithm = expectedHash?.algorithm ?? "sha256";
    const isNarHash = method === "nar" && algorithm === "sha256";
    const hash = isNarHash ? tree.narHash : contentHash(temporary, method, algorithm);
    checkHash(hash, expectedHash, source);
    const path = makeFixedOutputPath({ name, method, hash });
    const real = context.realPath(path);
    using _lock = lockPathSync(real);
    if (context.db.isValid(path)) return path;
    moveIntoPlace(temporary, byteStringFromText(real));
    const { narHash, narSize } = tree;
    const ca = fixedContentAddress(method, hash);
    const registrationTime = context.nowSeconds();
    context.db.registerPaths(
      [{ path, narHash, narSize, references: [], registrationTime, ca, ultimate: false }],
      () => new Map(),
    );
    return path;
  } finally {
    removeTree(temporary);
  }
}

/** The hash by which contents are known: of a file's bytes, or of a tree's NAR. */
export function contentHash(
  path: ByteString,
  method: "nar" | "flat",
  algorithm: HashAlgorithm,
  filter?: TreeFilter,
): Hash {
  if (method === "flat") {
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
