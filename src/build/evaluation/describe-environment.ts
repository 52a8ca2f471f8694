/**
 * From a derivation to the environment that it describes: what `nix-shell` does with one. Its inputs are made
 * valid, it itself is not built; its variables become the environment's.
 */
import { statSync } from "node:fs";
import { CopseError, textFromByteString } from "#base";
import type { Environment } from "#build/warm";
import type { Derivation, StorePath } from "#format";
import type { RealiseRequest } from "#lang";
import type { Store } from "#store";

/** Variables that are the builder's business, not the environment's. */
const NOT_FOR_SHELLS: ReadonlySet<string> = new Set([
  "shellHook",
  "requiredSystemFeatures",
  "sandboxRoot",
  "args",
  "PATH",
]);

/** What must be valid before the environment can be entered. */
export function environmentInputs(drv: Derivation): RealiseRequest[] {
  const outputs = [...drv.inputDrvs].flatMap(([drvPath, names]) =>
    names.map((output): RealiseRequest => ({ kind: "output", drvPath, output })),
  );
  return [...outputs, ...drv.inputSrcs.map((path): RealiseRequest => ({ kind: "path", path }))];
}

/** @throws CopseError `environment-rootless`. */
export function rootOf(drv: Derivation): StorePath {
  const root = drv.env.get("sandboxRoot");
  if (root !== undefined) return root as StorePath;
  throw new CopseError("environment-rootless", `The derivation has no root to enter: \`${drv.name}\``, {
    hint: "environments are made by mkShell of copse's package set",
  });
}

export function describeEnvironment(
  store: Store,
  described: { readonly drvPath: StorePath; readonly drv: Derivation; readonly viewDir: string },
): Environment {
  const { drv, drvPath, viewDir } = described;
  const { prefix, realStoreDir, copseDir } = store.place;
  const variables: Record<string, string> = {};
  for (const [name, value] of drv.env)
    if (!NOT_FOR_SHELLS.has(name)) variables[name] = textFromByteString(value);
  const inputs = ["nativeBuildInputs", "buildInputs", "propagatedNativeBuildInputs", "propagatedBuildInputs"]
    .flatMap((name) => (drv.env.get(name) ?? "").split(" "))
    .filter((word) => word.startsWith("/nix/store/"));
  const path = inputs.map((input) => `${input}/bin`).filter((folder) => isDirectory(store.realPath(folder)));
  return {
    name: drv.name,
    drvPath,
    root: rootOf(drv),
    viewDir,
    store: { prefix, realStoreDir, copseDir },
    variables,
    path,
    shellHook: textFromByteString(drv.env.get("shellHook") ?? ""),
    requires: [viewDir, ...inputs.map((input) => store.realPath(input))],
  };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
