/** Derivations as the store keeps them: `.drv` files, and a table of their outputs beside the valid paths. */
import { readFileSync } from "node:fs";
import { byteStringFromBytes, CopseError } from "#base";
import { type Derivation, parseDerivation, type StorePath, storePathName } from "#format";

const SUFFIX = ".drv";

/** Throws CopseError `not-a-derivation`, `file-not-found`, `derivation-invalid`. */
export function readDerivationFile(path: StorePath, realPath: string): Derivation {
  const name = storePathName(path);
  if (!name.endsWith(SUFFIX)) throw new CopseError("not-a-derivation", `Not a derivation: \`${path}\``);
  return parseDerivation(byteStringFromBytes(readDrv(path, realPath)), name.slice(0, -SUFFIX.length));
}

/** The outputs whose paths are known; those of floating content-addressed derivations are not. */
export function derivationOutputs(drv: Derivation): Map<string, StorePath> {
  const outputs = new Map<string, StorePath>();
  for (const [name, { path }] of drv.outputs) if (path !== "") outputs.set(name, path);
  return outputs;
}

/** What a .drv file must refer to: its sources and the derivations it builds on. */
export function derivationReferences(drv: Derivation): StorePath[] {
  return [...new Set([...drv.inputSrcs, ...drv.inputDrvs.keys()])].sort();
}

function readDrv(path: StorePath, realPath: string): Buffer {
  try {
    return readFileSync(realPath);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new CopseError("file-not-found", `Derivation is not in the store: \`${path}\``, { cause });
  }
}
