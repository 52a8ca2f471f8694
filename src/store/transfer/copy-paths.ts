/** Copying paths from one local store to another. */
import type { StorePath } from "#format";
import type { Store } from "../store.ts";

export interface CopyOptions {
  readonly from: Store;
  readonly to: Store;
  readonly paths: readonly StorePath[];
  /** With all that they need; default true. */
  readonly closure?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Dependencies first, so that what has come when it is stopped is valid. Each NAR is compared with its hash while it is
 * written. What is there already is left as it is. Returns what was copied. Throws CopseError `store-path-not-valid`,
 * `hash-mismatch`, `store-reference-invalid`.
 */
export async function copyPaths({
  from,
  to,
  paths,
  closure = true,
  signal,
}: CopyOptions): Promise<StorePath[]> {
  for (const path of paths) from.requireInfo(path);
  from.addTempRoots(paths);
  const wanted = new Set(paths);
  const ordered = from.closure(paths).filter((path) => closure || wanted.has(path));
  to.addTempRoots(ordered);
  const there = to.validOf(ordered);
  const copied: StorePath[] = [];
  for (const path of ordered) {
    if (there.has(path)) continue;
    const info = from.requireInfo(path);
    // That it was built there says nothing here.
    await to.importNar({ ...info, ultimate: false }, from.dumpNar(path, signal), signal);
    copied.push(path);
  }
  return copied;
}
