/** What a derivation's outputs may refer to, and what they must be to be registered. */
import { CopseError } from "#base";
import { fixedOutput, type Hash, parseHash, type StorePath } from "#format";
import type { OutputRequest, Store } from "#store";
import { isFetchedVerified } from "../builders/builtin/fetchurl.ts";
import type { BuildTask } from "../builders/context.ts";
import { parseDerivationOptions } from "../builders/derivation-options.ts";
import type { PlannedBuild } from "./plan.ts";

/** All valid paths that the build sees. Throws CopseError `output-unknown`. */
export function inputClosure(store: Store, build: PlannedBuild): StorePath[] {
  const direct = [...build.drv.inputSrcs];
  for (const [drvPath, names] of build.drv.inputDrvs) {
    const outputs = store.queryOutputs(drvPath);
    for (const name of names) {
      const path = outputs.get(name);
      if (!path) throw new CopseError("output-unknown", `${drvPath} has no output of this name: \`${name}\``);
      direct.push(path);
    }
  }
  return store.closure([...new Set(direct)]);
}

export function outputRequests(task: BuildTask): OutputRequest[] {
  const fixed = fixedOutput(task.drv);
  const { discardsReferences } = parseDerivationOptions(task.drv);
  const paths = [...task.drv.outputs.values()].map((output) => output.path as StorePath);
  return [...task.drv.outputs].map(([name, output]) => ({
    finalPath: output.path as StorePath,
    tmpRealPath: task.outputs.get(name) as string,
    candidates: discardsReferences.has(name) ? [] : [...task.inputs, ...paths],
    deriver: task.drvPath,
    ...(fixed && {
      fixed: {
        method: output.hashAlgo.startsWith("r:") ? ("nar" as const) : ("flat" as const),
        // Hashed while it was written, and nothing else can write to it.
        isVerified: task.drv.builder === "builtin:fetchurl" && isFetchedVerified(task.drv),
        hash: parseHash(output.hash, output.hashAlgo.replace(/^r:/, "") as Hash["algorithm"]),
      },
    }),
  }));
}
