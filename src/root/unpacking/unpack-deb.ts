/** Unpacking Debian packages off the main thread. */
import { accessSync, constants } from "node:fs";
import { byteStringFromText } from "#base";
import { removeReadOnlyTree } from "../remove-tree.ts";
import { type WorkerPool, withWorkerPool } from "../worker-pool.ts";
import type { TreeLimits } from "./package-tree-writer.ts";

export interface UnpackDebOptions {
  readonly debPath: string;
  /** A directory that does not exist yet; on failure and on cancellation it is gone again. */
  readonly target: string;
  /** To be shared by many calls; without it the call starts a thread of its own. */
  readonly pool?: WorkerPool | undefined;
  readonly limits?: TreeLimits;
  /** A program like `xz`, see `findXzProgram`; without it WebAssembly decompresses. */
  readonly xzProgram?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks a .deb: its files under canonical names (`/bin` is `/usr/bin`), its control files under
 * `.copse/control/`. Files are 0444 or 0555 and all times are 1; directories stay 0755 until the store takes
 * the tree. Throws "deb-invalid", "deb-member-…" and the errors of the archive formats.
 */
export async function unpackDeb(options: UnpackDebOptions): Promise<void> {
  const { pool, signal, limits, xzProgram } = options;
  const target = byteStringFromText(options.target);
  const debPath = byteStringFromText(options.debPath);
  await withWorkerPool(pool, async (threads) => {
    try {
      await threads.run({ kind: "unpack", debPath, target, ...(limits && { limits }), xzProgram }, signal);
    } catch (error) {
      // A thread that was ended could not clean up itself.
      if (signal?.aborted) removeReadOnlyTree(target);
      throw error;
    }
  });
}

/** The host's `xz`, if it has one. */
export function findXzProgram(path: string | undefined): string | undefined {
  for (const directory of path?.split(":") ?? []) {
    if (!directory.startsWith("/")) continue;
    try {
      accessSync(`${directory}/xz`, constants.X_OK);
      return `${directory}/xz`;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}
