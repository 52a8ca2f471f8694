/**
 * Placeholders: texts that stand for store paths which nobody knows yet. As long as a path beginning with a slash, and
 * like no other text, so that they can be replaced wherever they occur.
 *
 * - A derivation's own output, in its own attributes: `builtins.placeholder "out"`. Its builder gets the path.
 * - An output of another derivation whose path only building finds out (*downstream* of it): replaced once it is built,
 *   when the derivation is resolved.
 */
import { type Hash, hashBytes } from "./hash.ts";
import { encodeNix32 } from "./nix32.ts";
import { outputPathName, type StorePath, storePathHash, storePathName } from "./store-path.ts";

export function outputPlaceholder(output: string): string {
  return rendered(hashBytes("sha256", `nix-output:${output}`));
}

export function downstreamPlaceholder(drvPath: StorePath, output: string): string {
  const name = storePathName(drvPath).replace(/\.drv$/, "");
  return rendered(
    hashBytes("sha256", `nix-upstream-output:${storePathHash(drvPath)}:${outputPathName(name, output)}`),
  );
}

function rendered(hash: Hash): string {
  return `/${encodeNix32(hash.digest)}`;
}
