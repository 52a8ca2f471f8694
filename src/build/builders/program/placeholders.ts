/**
 * Placeholders: what a derivation writes where it means a path of its own outputs that is not known while it is
 * written. The builder gets the path instead.
 */
import type { ByteString } from "#base";
import { type Derivation, encodeNix32, hashBytes } from "#format";
import type { Rewrites } from "./environment.ts";

export function outputPlaceholder(output: string): ByteString {
  return `/${encodeNix32(hashBytes("sha256", `nix-output:${output}`).digest)}`;
}

/** What each placeholder of a derivation stands for; `pathOf`: where the output is made, if not at its own path. */
export function placeholdersOf(
  drv: Derivation,
  pathOf: (output: string) => string = (output) => drv.outputs.get(output)?.path ?? "",
): Rewrites {
  return new Map([...drv.outputs.keys()].map((name) => [outputPlaceholder(name), pathOf(name)]));
}
