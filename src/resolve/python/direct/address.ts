/** Where a file that has an address of its own may be at hand: `pypi++:PROJECT/FILE`. */
import { join } from "node:path";

/** In the place of an index' name; no index can be called so. */
export const DIRECT = "+";

/** Addresses under which its bytes are asked for, the nearest first. */
export function addressesOf(of: {
  readonly name: string;
  readonly file: string;
  readonly address: string;
}): readonly string[] {
  return [`pypi+${DIRECT}:${of.name}/${of.file}`, of.address];
}

/** What a solve has fetched of it already; below the folder of the client's cache. */
export function directFilePath(
  cacheDir: string,
  of: { readonly name: string; readonly file: string },
): string {
  return join(cacheDir, "direct", of.name, of.file);
}
