/**
 * Resolving: a derivation whose inputs have been built becomes one that names their outputs as plain paths. It says all
 * that the build needs and nothing of how the inputs came about, so inputs that were changed and came out the same lead
 * to the same resolved derivation, and what it makes need not be made again (*early cutoff*).
 */
import type { ByteString } from "#base";
import type { Derivation } from "./derivation.ts";
import { fillOutputPaths } from "./derivation-hash.ts";
import { derivationKind } from "./derivation-kind.ts";
import { downstreamPlaceholder } from "./placeholders.ts";
import type { StorePath } from "./store-path.ts";

/** Whether a derivation is built in its resolved form, where floating outputs are switched on. */
export function isResolvedFirst(drv: Derivation): boolean {
  return drv.inputDrvs.size > 0 && derivationKind(drv) !== "input-addressed";
}

/** `pathOf`: where an output of an input is. Deferred outputs get their paths. */
export function resolveDerivation(
  drv: Derivation,
  pathOf: (drvPath: StorePath, output: string) => StorePath,
): Derivation {
  const inputSrcs = new Set(drv.inputSrcs);
  const rewrites = new Map<ByteString, StorePath>();
  for (const [drvPath, outputs] of drv.inputDrvs) {
    for (const output of outputs) {
      const path = pathOf(drvPath, output);
      inputSrcs.add(path);
      rewrites.set(downstreamPlaceholder(drvPath, output), path);
    }
  }
  const rewrite = (text: ByteString): ByteString => rewriteText(text, rewrites);
  const resolved: Derivation = {
    ...drv,
    inputDrvs: new Map(),
    inputSrcs: [...inputSrcs].sort(),
    builder: rewrite(drv.builder),
    args: drv.args.map(rewrite),
    env: new Map([...drv.env].map(([name, value]) => [rewrite(name), rewrite(value)])),
  };
  return derivationKind(drv) === "deferred" ? fillOutputPaths(resolved, noInput) : resolved;
}

/** Every occurrence of each key becomes its value, in the order of the keys. */
export function rewriteText(text: ByteString, rewrites: ReadonlyMap<ByteString, ByteString>): ByteString {
  let rewritten = text;
  for (const [from, to] of rewrites) {
    if (rewritten.includes(from)) rewritten = rewritten.replaceAll(from, () => to);
  }
  return rewritten;
}

function noInput(drvPath: StorePath): never {
  throw new Error(`a resolved derivation has the input ${drvPath}`);
}
