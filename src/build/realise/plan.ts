/**
 * What must be done to make paths valid: the derivations whose outputs are missing, found from the wanted ones
 * downwards. Nothing below a valid output is looked at.
 */
import { CopseError } from "#base";
import type { Derivation, StorePath } from "#format";
import type { RealiseRequest } from "#lang";
import type { Store } from "#store";

export interface PlannedBuild {
  readonly drvPath: StorePath;
  readonly drv: Derivation;
  /** Other planned builds that must come first. */
  readonly needs: readonly StorePath[];
}

/** In an order in which each comes after all it needs. @throws CopseError `path-missing`, `output-unknown`. */
export function planBuilds(store: Store, wanted: readonly RealiseRequest[]): PlannedBuild[] {
  const planned = new Map<StorePath, PlannedBuild>();
  const satisfied = new Set<StorePath>();
  const underway: {
    readonly drvPath: StorePath;
    readonly drv: Derivation;
    next: number;
    readonly inputs: StorePath[];
  }[] = [];

  const open = (drvPath: StorePath, outputs: readonly string[]): void => {
    if (planned.has(drvPath) || satisfied.has(drvPath)) return;
    const drv = store.readDerivation(drvPath);
    if (outputs.every((name) => store.isValid(outputPath(drv, name)))) {
      satisfied.add(drvPath);
      return;
    }
    for (const source of drv.inputSrcs) requireValid(store, source);
    underway.push({ drvPath, drv, next: 0, inputs: [...drv.inputDrvs.keys()] });
  };

  for (const request of wanted) {
    if (request.kind === "path") {
      requireValid(store, request.path);
      continue;
    }
    open(request.drvPath, [request.output]);
    // Depth first without recursion: chains of derivations can be longer than the stack is deep.
    for (let frame = underway.at(-1); frame; frame = underway.at(-1)) {
      const input = frame.inputs[frame.next++];
      if (input !== undefined) {
        open(input, frame.drv.inputDrvs.get(input) as readonly string[]);
        continue;
      }
      underway.pop();
      const needs = frame.inputs.filter((drvPath) => planned.has(drvPath));
      planned.set(frame.drvPath, { drvPath: frame.drvPath, drv: frame.drv, needs });
    }
  }
  return [...planned.values()];
}

export function outputPath(drv: Derivation, name: string): StorePath {
  const output = drv.outputs.get(name);
  if (!output)
    throw new CopseError("output-unknown", `Derivation ${drv.name} has no output of this name: \`${name}\``);
  return output.path as StorePath;
}

function requireValid(store: Store, path: StorePath): void {
  if (store.isValid(path)) return;
  throw new CopseError("path-missing", `A path that is needed is not in the store: \`${path}\``, {
    hint: "evaluate again what made it; it may have been collected",
  });
}
