/** What a derivation's outputs may refer to, and what they must be to be registered. */
import { CopseError } from "#base";
import { type Derivation, fixedOutput, parseHash, parseHashAlgo, type StorePath } from "#format";
import type { OutputRequest, Store } from "#store";
import { isFetchedVerified } from "../builders/builtin/fetchurl.ts";
import type { BuildTask } from "../builders/context.ts";
import { parseDerivationOptions } from "../builders/derivation-options.ts";
import type { PlannedBuild } from "./plan.ts";

/** All valid paths that the build sees. Throws CopseError `output-unknown`. */
export function inputClosure(store: Store, build: PlannedBuild): StorePath[] {
  const direct = [...build.drv.inputSrcs];
  for (const [drvPath, names] of build.drv.inputDrvs)
    for (const name of names) direct.push(outputPathOf(store, drvPath, name));
  return store.closure([...new Set(direct)]);
}

/** What a derivation names as its inputs, as far as it is valid. */
export function directInputs(store: Store, drv: Derivation): StorePath[] {
  const outputs = [...drv.inputDrvs].flatMap(([drvPath, names]) => {
    const known = store.queryOutputs(drvPath);
    return names.flatMap((name) => known.get(name) ?? []);
  });
  return [...store.validOf([...drv.inputSrcs, ...outputs])];
}

/** Throws CopseError `output-unknown`. */
export function outputPathOf(store: Store, drvPath: StorePath, name: string): StorePath {
  const path = store.queryOutputs(drvPath).get(name);
  if (path !== undefined) return path;
  throw new CopseError("output-unknown", `${drvPath} has no output of this name: \`${name}\``);
}

/** `addresses`: how the paths of floating outputs follow from their contents. */
export function outputRequests(task: BuildTask, addresses: ReadonlyMap<StorePath, string>): OutputRequest[] {
  const fixed = fixedOutput(task.drv);
  const hashedBy = fixed && parseHashAlgo(fixed.hashAlgo);
  const { discardsReferences } = parseDerivationOptions(task.drv);
  const paths = [...task.drv.outputs.values()].map((output) => output.path as StorePath);
  return [...task.drv.outputs].map(([name, output]) => ({
    finalPath: output.path as StorePath,
    tmpRealPath: task.outputs.get(name) as string,
    candidates: discardsReferences.has(name) ? [] : [...task.inputs, ...paths],
    deriver: task.drvPath,
    ca: addresses.get(output.path as StorePath),
    ...(hashedBy && {
      fixed: {
        method: hashedBy.method,
        // Hashed while it was written, and nothing else can write to it.
        isVerified: task.drv.builder === "builtin:fetchurl" && isFetchedVerified(task.drv),
        hash: parseHash(output.hash, hashedBy.algorithm),
      },
    }),
  }));
}
