/**
 * What a build leaves behind becomes store paths: metadata made canonical, references found, hashed, moved
 * into place, and all outputs of the build registered in one transaction.
 *
 * A NAR hash covers the path's own digest where it occurs: an input-addressed path is known before it is built.
 */
import { byteStringFromText, CopseError, mapConcurrently } from "#base";
import {
  type ContentMethod,
  type Hash,
  hashesEqual,
  makeContentPath,
  type StorePath,
  storePathName,
} from "#format";
import { contentAddress, type PathInfo } from "../path-info.ts";
import type { StoreContext } from "../store-context.ts";
import { canonicaliseTree } from "../trees/canonical.ts";
import { removeTree } from "../trees/place-tree.ts";
import type { TreeWorkers } from "../trees/tree-workers.ts";
import { contentHash } from "./add-tree.ts";
import { hashMismatch, mayRefer, referencesInFixed, registerAsWhatItIs } from "./fixed-output.ts";
import { putInPlace } from "./put-in-place.ts";

export interface OutputRequest {
  readonly finalPath: StorePath;
  /** Where it was built, on the store's file system. May be the final place already. */
  readonly tmpRealPath: string;
  /** What it can refer to: the closure of the inputs and the outputs of the build, itself included. */
  readonly candidates: Iterable<StorePath>;
  readonly deriver?: StorePath | undefined;
  /** For a fixed output: what its contents must be. Then it may not refer to anything. */
  readonly fixed?:
    | {
        readonly method: ContentMethod;
        readonly hash: Hash;
        /** The contents were compared with the hash while they were written. */
        readonly isVerified?: boolean;
      }
    | undefined;
  /** How the path follows from its contents, where the caller has computed it from these. */
  readonly ca?: string | undefined;
  /** Built here; default true. */
  readonly ultimate?: boolean | undefined;
}

export interface RegisterOptions {
  readonly workers: TreeWorkers;
  readonly signal?: AbortSignal | undefined;
  /** Throws where the outputs, as they would be registered, are not what they must be: then nothing is registered. */
  readonly check?: ((infos: readonly PathInfo[]) => void) | undefined;
}

/**
 * The caller holds the locks on the final paths. A path that is valid already keeps its files and facts; what
 * was built for it is removed. Throws CopseError `hash-mismatch`, `store-fixed-references`,
 * `store-path-references`, `file-not-found`, `store-special-file`, `store-cycle`; then nothing is registered.
 */
export async function registerOutputs(
  context: StoreContext,
  outputs: readonly OutputRequest[],
  options: RegisterOptions,
): Promise<PathInfo[]> {
  context.protect(...outputs.map((output) => output.finalPath));
  const missing = outputs.filter((output) => !context.db.isValid(output.finalPath));
  const infos = await mapConcurrently(
    missing,
    { limit: 8, ...(options.signal && { signal: options.signal }) },
    (output, signal) => describeOutput(context, output, { workers: options.workers, signal }),
  );
  options.check?.(infos);
  for (const output of missing) {
    putInPlace(context, byteStringFromText(output.tmpRealPath), output.finalPath);
  }
  context.db.registerPaths(infos, () => new Map());
  for (const output of outputs) {
    if (context.realPath(output.finalPath) !== output.tmpRealPath) {
      removeTree(byteStringFromText(output.tmpRealPath));
    }
  }
  return outputs.map((output) => context.db.queryInfo(output.finalPath)!);
}

/** What an output would be registered as: its metadata is made canonical, nothing is moved or registered. */
export async function describeOutput(
  context: StoreContext,
  output: OutputRequest,
  options: { readonly workers: TreeWorkers; readonly signal?: AbortSignal | undefined },
): Promise<PathInfo> {
  const { finalPath, fixed } = output;
  const source = byteStringFromText(output.tmpRealPath);
  if (fixed !== undefined) {
    canonicaliseTree(source);
    const actual = fixed.isVerified ? fixed.hash : contentHash(source, fixed.method, fixed.hash.algorithm);
    if (!hashesEqual(actual, fixed.hash)) {
      const references = await registerAsWhatItIs(context, output, {
        ...options,
        method: fixed.method,
        actual,
      });
      if (references.length > 0 && !mayRefer(fixed)) throw referencesInFixed(finalPath);
      throw hashMismatch(output, fixed.hash, actual);
    }
  }
  const { candidates } = output;
  const tree = await options.workers.hashTree(source, {
    candidates,
    canonicalise: fixed === undefined,
    signal: options.signal,
  });
  if (fixed !== undefined) checkFixed(finalPath, fixed, tree.references);
  return {
    path: finalPath,
    narHash: tree.narHash,
    narSize: tree.narSize,
    references: tree.references,
    deriver: output.deriver,
    registrationTime: context.nowSeconds(),
    ca: fixed ? contentAddress(fixed.method, fixed.hash) : output.ca,
    ultimate: output.ultimate ?? true,
  };
}

function checkFixed(
  path: StorePath,
  fixed: { readonly method: ContentMethod; readonly hash: Hash },
  references: readonly StorePath[],
): void {
  if (references[0] !== undefined) {
    if (!mayRefer(fixed)) throw referencesInFixed(path);
    throw new CopseError(
      "store-fixed-references",
      `fixed-output derivations must not reference store paths: '${path}' references ${references.length} distinct paths, e.g. '${references[0]}'`,
    );
  }
  const expected = makeContentPath({ name: storePathName(path), method: fixed.method, hash: fixed.hash });
  if (expected !== path) {
    throw new CopseError(
      "store-path-mismatch",
      `Fixed output belongs at \`${expected}\`, not at \`${path}\``,
    );
  }
}
