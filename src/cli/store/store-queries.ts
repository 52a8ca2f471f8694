/** Questions about valid paths that several commands ask. */
import { CopseError } from "#base";
import type { StorePath } from "#format";
import { dependenciesFirst, type PathInfo, type Store } from "#store";

/** @throws CopseError `store-path-not-valid`. */
export function infoOf(store: Store, path: StorePath): PathInfo {
  const info = store.queryInfo(path);
  if (info) return info;
  throw new CopseError("store-path-not-valid", `path '${path}' is not valid`, {
    hint: "the store does not have it, or it was collected",
  });
}

/** The closure of valid paths, dependencies first. @throws CopseError `store-path-not-valid`. */
export function closureOf(store: Store, paths: readonly StorePath[]): StorePath[] {
  for (const path of paths) infoOf(store, path);
  return store.closure(paths);
}

export function referencesIn(store: Store): (path: StorePath) => readonly StorePath[] {
  return (path) => infoOf(store, path).references;
}

/** Dependencies before dependents; paths that are not valid have none. */
export function inOrder(store: Store, paths: readonly StorePath[]): StorePath[] {
  return dependenciesFirst(paths, (path) => store.queryInfo(path)?.references ?? []);
}

/** The sum of the archive sizes (NAR) of a path and all that it needs. */
export function closureSizeBytes(store: Store, path: StorePath): number {
  return closureOf(store, [path]).reduce((sum, each) => sum + infoOf(store, each).narSize, 0);
}
