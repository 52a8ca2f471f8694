/**
 * From a derivation to the environment that it describes: what `nix-shell` does with one. Its inputs are made
 * valid, it itself is not built; its variables become the environment's.
 */
import { statSync } from "node:fs";
import { type ByteString, CopseError, textFromByteString } from "#base";
import type { Environment, EnvironmentRoot } from "#build/warm";
import {
  type Derivation,
  downstreamPlaceholder,
  isResolvedFirst,
  isStorePath,
  rewriteText,
  STORE_DIR,
  type StorePath,
} from "#format";
import type { RealiseRequest } from "#lang";
import type { Store } from "#store";
import { parseDerivationOptions } from "../builders/derivation-options.ts";
import { structuredFiles } from "./structured-files.ts";

/** Variables that say how to build, not what the environment is. */
const NOT_FOR_SHELLS: ReadonlySet<string> = new Set([
  "requiredSystemFeatures",
  "sandboxRoot",
  "args",
  "__json",
]);

/** What must be valid before the environment can be entered. @throws CopseError `option-value`. */
export function environmentInputs(drv: Derivation, exclude: readonly string[] = []): RealiseRequest[] {
  const excluded = exclude.map(toRegExp);
  const outputs = [...drv.inputDrvs]
    .filter(([drvPath]) => !excluded.some((pattern) => pattern.test(drvPath)))
    .flatMap(([drvPath, names]) =>
      names.map((output): RealiseRequest => ({ kind: "output", drvPath, output })),
    );
  return [...outputs, ...drv.inputSrcs.map((path): RealiseRequest => ({ kind: "path", path }))];
}

function toRegExp(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new CopseError("option-value", `Option --exclude takes a regular expression: \`${text}\``, {
      cause,
    });
  }
}

/** With the paths of those inputs that were not known before they were built. */
export function withBuiltInputs(store: Store, drv: Derivation): Derivation {
  if (!isResolvedFirst(drv)) return drv;
  const rewrites = new Map<ByteString, StorePath>();
  for (const [drvPath, names] of drv.inputDrvs) {
    const known = store.queryOutputs(drvPath);
    for (const name of names) {
      const path = known.get(name);
      if (path !== undefined) rewrites.set(downstreamPlaceholder(drvPath, name), path);
    }
  }
  return { ...drv, env: new Map([...drv.env].map(([name, value]) => [name, rewriteText(value, rewrites)])) };
}

/** The root of an environment made by copse's package set. */
export function rootOf(drv: Derivation): StorePath | undefined {
  return drv.env.get("sandboxRoot") as StorePath | undefined;
}

/** The inputs whose programs are on `PATH`: what is not in the root. */
export function inputPaths(drv: Derivation): string[] {
  return ["nativeBuildInputs", "buildInputs", "propagatedNativeBuildInputs", "propagatedBuildInputs"]
    .flatMap((name) => (drv.env.get(name) ?? "").split(/\s+/))
    .filter((word) => word.startsWith(`${STORE_DIR}/`));
}

/** Variables that are store objects by themselves, such as pinned data. */
export function variablePaths(drv: Derivation): StorePath[] {
  return [...drv.env].flatMap(([name, value]) =>
    NOT_FOR_SHELLS.has(name) || drv.outputs.has(name) || !isStorePath(value) ? [] : [value],
  );
}

export function describeEnvironment(
  store: Store,
  described: {
    readonly drvPath: StorePath;
    readonly drv: Derivation;
    readonly root: EnvironmentRoot | undefined;
    readonly bash: string | undefined;
  },
): Environment {
  const { drv, drvPath, root, bash } = described;
  const { prefix, storeDir, realStoreDir, copseDir } = store.place;
  const variables: Record<string, string> = {};
  for (const [name, value] of drv.env)
    if (!NOT_FOR_SHELLS.has(name)) variables[textFromByteString(name)] = textFromByteString(value);
  const inputs = inputPaths(drv);
  const path = inputs.map((input) => `${input}/bin`).filter((folder) => isDirectory(store.realPath(folder)));
  const options = parseDerivationOptions(drv);
  return {
    name: drv.name,
    drvPath,
    root,
    store: { prefix, storeDir, realStoreDir, copseDir },
    variables,
    passAsFile: [...options.passAsFile].map(textFromByteString),
    structured: structuredFiles(store, drv, options),
    path,
    shellHook: textFromByteString(drv.env.get("shellHook") ?? ""),
    bash,
    requires: [
      ...(bash === undefined ? [] : [store.realPath(bash)]),
      ...(root ? [root.viewDir] : []),
      ...[...inputs, ...variablePaths(drv)].map((path) => store.realPath(path)),
    ],
  };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
