/**
 * Files of equal contents become one: each file of the store is a hard link to `.links/<hash>`, where the hash is of the
 * file's NAR, in Nix32, so that it covers the executable bit. As in C++ Nix. Symbolic links, and files that can be
 * written (somebody may do so), stay as they are.
 *
 * A file is replaced by a rename, so that readers see one of two equal files at any moment; killed in between, an
 * unfinished link is left in a directory that collectors clear. A collector removes a file from `.links` when nothing
 * shares it; who was about to finds it gone, and starts over.
 */
import {
  chmodSync,
  linkSync,
  lstatSync,
  lutimesSync,
  readdirSync,
  renameSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type ByteString, byteStringFromText, textFromByteString } from "#base";
import { formatHash, hashesEqual, type StorePath } from "#format";
import { fileError } from "#host";
import { discard } from "../gc/discard.ts";
import type { StoreContext } from "../store-context.ts";
import { CANONICAL_MTIME_SECONDS } from "../trees/canonical-entries.ts";
import { entryKind, sortedEntries } from "../trees/dump-tree.ts";
import { hashTreeSync } from "../trees/hash-tree.ts";
import { nativePath } from "../trees/native-path.ts";

export interface OptimiseResult {
  readonly filesLinked: number;
  readonly bytesFreed: number;
}

export interface OptimiseOptions {
  readonly onEvent?:
    | ((event: {
        readonly kind: "path";
        readonly path: StorePath;
        readonly done: number;
        readonly total: number;
      }) => void)
    | undefined;
  /** Of a file that looks as if it were shared, make sure that the shared one is not damaged. */
  readonly repair?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How often another process may take away what we are about to link to. */
const MOST_ATTEMPTS = 10;

/** All valid paths. */
export async function optimiseStore(
  context: StoreContext,
  options: OptimiseOptions = {},
): Promise<OptimiseResult> {
  const optimiser = new Optimiser(context, options.repair ?? false);
  const paths = context.db.allPaths();
  context.protect(...paths);
  for (const [done, path] of paths.entries()) {
    options.signal?.throwIfAborted();
    if (!context.db.isValid(path)) continue;
    if (context.overlay !== undefined) {
      // What the lower store has too need not be here. Links would not reach down to it.
      if (context.overlay.hasBelow(path)) discard(context, context.realPath(path));
      continue;
    }
    options.onEvent?.({ kind: "path", path, done, total: paths.length });
    optimiser.optimise(byteStringFromText(context.realPath(path)));
    await nextTurn();
  }
  context.overlay?.remountWhereNeeded(() => {});
  return optimiser.result;
}

/** One path, wherever it lies on the store's file system. Blocks. For what is added with `auto-optimise-store`. */
export function optimiseTree(context: StoreContext, real: ByteString, repair = false): OptimiseResult {
  const optimiser = new Optimiser(context, repair);
  optimiser.optimise(real);
  return optimiser.result;
}

class Optimiser {
  readonly #context: StoreContext;
  readonly #linksDir: string;
  readonly #repair: boolean;
  /** What is linked already need not be hashed. Read at the first need. */
  #linkedInodes: Set<number> | undefined;
  #filesLinked = 0;
  #bytesFreed = 0;

  constructor(context: StoreContext, repair: boolean) {
    this.#context = context;
    this.#linksDir = `${context.place.realStoreDir}/.links`;
    this.#repair = repair;
  }

  get result(): OptimiseResult {
    return { filesLinked: this.#filesLinked, bytesFreed: this.#bytesFreed };
  }

  optimise(path: ByteString): void {
    const info = lstatSync(nativePath(path));
    switch (entryKind(info)) {
      case "directory":
        for (const { name } of sortedEntries(path)) this.optimise(`${path}/${name}`);
        return;
      case "regular":
        if ((info.mode & 0o200) === 0 && !this.#isLinked(info)) this.#optimiseFile(path, info);
        return;
      default:
        return;
    }
  }

  #isLinked(info: Stats): boolean {
    if (info.nlink < 2) return false;
    this.#linkedInodes ??= readInodes(this.#linksDir);
    return this.#linkedInodes.has(info.ino);
  }

  #optimiseFile(path: ByteString, info: Stats): void {
    const { narHash } = hashTreeSync(path);
    const link = `${this.#linksDir}/${formatHash(narHash, "nix32")}`;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const shared = lstatSync(link, { throwIfNoEntry: false });
      if (shared === undefined) {
        if (makeLink(path, link)) {
          this.#linkedInodes?.add(info.ino);
          return;
        }
      } else if (shared.ino === info.ino) return;
      else if (
        shared.size !== info.size ||
        (this.#repair && !hashesEqual(hashTreeSync(byteStringFromText(link)).narHash, narHash))
      ) {
        // Damaged: it would spread. This file takes its place.
        unlinkSync(link);
      } else if (this.#replace(path, link)) {
        this.#filesLinked++;
        this.#bytesFreed += info.size;
        return;
      }
    }
  }

  /** False where the link is gone. A link that can take no more users leaves the file as it is. */
  #replace(path: ByteString, link: string): boolean {
    const temporary = this.#context.tempPath();
    try {
      linkSync(link, temporary);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return false;
      if (code === "EMLINK") return true;
      throw fileError(error, temporary);
    }
    using _writable = writableParent(this.#context, path);
    renameSync(temporary, nativePath(path));
    return true;
  }
}

/** False where somebody else has made it. A directory that can hold no more leaves the file as it is. */
function makeLink(path: ByteString, link: string): boolean {
  try {
    linkSync(nativePath(path), link);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // ext4 says the first of a directory that is full.
    if (code === "ENOSPC" || code === "EMLINK") return true;
    throw fileError(error, textFromByteString(path));
  }
}

/** A directory of the store lets its entries be replaced for a moment. The store's own is left alone. */
function writableParent({ place }: StoreContext, path: ByteString): Disposable {
  const parent = path.slice(0, path.lastIndexOf("/"));
  if (parent === byteStringFromText(place.realStoreDir)) return { [Symbol.dispose]: () => {} };
  const native = nativePath(parent);
  chmodSync(native, 0o755);
  return {
    [Symbol.dispose]: () => {
      chmodSync(native, 0o555);
      lutimesSync(native, CANONICAL_MTIME_SECONDS, CANONICAL_MTIME_SECONDS);
    },
  };
}

function readInodes(directory: string): Set<number> {
  return new Set(
    readdirSync(directory).map(
      (name) => lstatSync(`${directory}/${name}`, { throwIfNoEntry: false })?.ino ?? 0,
    ),
  );
}
