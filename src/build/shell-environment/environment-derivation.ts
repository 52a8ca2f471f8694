/**
 * The derivation that gives another one's environment: the same inputs and variables, but its builder only prepares
 * itself and writes down what came of it. Nothing is checked of its outputs, so it is an ordinary derivation even where
 * the other has a fixed output.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { byteStringFromBytes, CopseError, installedPath } from "#base";
import {
  type Derivation,
  fillOutputPaths,
  hashDerivationModulo,
  type OutputHashes,
  type StorePath,
} from "#format";
import type { Store } from "#store";

/** Adds it to the store. @throws CopseError `environment-builder`. */
export function addEnvironmentDerivation(store: Store, drvPath: StorePath): StorePath {
  const drv = store.readDerivation(drvPath);
  if (basename(drv.builder) !== "bash") {
    throw new CopseError(
      "environment-builder",
      "'nix develop' only works on derivations that use 'bash' as their builder",
      { hint: `the builder of this one is ${drv.builder}` },
    );
  }
  const script = store.addText({
    name: "get-env.sh",
    contents: byteStringFromBytes(readFileSync(installedPath("src/build/shell-environment/get-env.sh"))),
    references: [],
  });
  return store.addDerivation(fillOutputPaths(forEnvironment(drv, script), inputHashes(store)));
}

const CHECKS = ["allowedReferences", "allowedRequisites", "disallowedReferences", "disallowedRequisites"];

function forEnvironment(drv: Derivation, script: StorePath): Derivation {
  const name = `${drv.name}-env`;
  const env = new Map(drv.env);
  const json = env.get("__json");
  if (json === undefined) {
    for (const check of CHECKS) env.delete(check);
    env.set("name", name);
  } else env.set("__json", withoutChecks(json, name));
  for (const output of ["outputHash", "outputHashAlgo", "outputHashMode"]) env.delete(output);
  const outputs = new Map(
    [...drv.outputs.keys()].map((output) => [output, { path: "", hashAlgo: "", hash: "" } as const]),
  );
  return {
    ...drv,
    name,
    env,
    outputs,
    args: [script],
    inputSrcs: [...new Set([...drv.inputSrcs, script])].sort(),
  };
}

function withoutChecks(json: string, name: string): string {
  const { outputChecks: _, ...rest } = JSON.parse(json) as Record<string, unknown>;
  return JSON.stringify({ ...rest, name });
}

function inputHashes(store: Store): (drvPath: StorePath) => OutputHashes {
  const known = new Map<StorePath, OutputHashes>();
  const hashesOf = (drvPath: StorePath): OutputHashes => {
    let hashes = known.get(drvPath);
    if (hashes === undefined) {
      hashes = hashDerivationModulo(store.readDerivation(drvPath), hashesOf);
      known.set(drvPath, hashes);
    }
    return hashes;
  };
  return hashesOf;
}
