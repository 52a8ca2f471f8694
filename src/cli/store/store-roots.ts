/** Roots in the order of their names. */
import type { StorePath } from "#format";
import type { Store } from "#store";

export interface NamedRoot {
  /** A link, or in braces what else it is: `{temp:1234}`. */
  readonly root: string;
  readonly path: StorePath;
}

export async function rootsByName(store: Store): Promise<NamedRoot[]> {
  const roots = [...(await store.findRoots({ runtime: true, temporary: true }))];
  return roots
    .flatMap(([path, names]) => names.map((root) => ({ root, path })))
    .sort((a, b) => compare(a.root, b.root) || compare(a.path, b.path));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
