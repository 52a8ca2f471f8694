/**
 * Placeholders: what a derivation writes where it means a path of its own outputs that is not known while it is
 * written. The builder gets the path instead.
 */
import { type Derivation, outputPlaceholder } from "#format";
import type { Rewrites } from "./environment.ts";

/** What each placeholder of a derivation stands for; `pathOf`: where the output is made. */
export function placeholdersOf(drv: Derivation, pathOf: (output: string) => string): Rewrites {
  return new Map([...drv.outputs.keys()].map((name) => [outputPlaceholder(name), pathOf(name)]));
}
