/**
 * What must be done to make paths valid: the derivations whose outputs are missing, found from the wanted ones
 * downwards. Nothing below a valid output is looked at.
 */
import { CopseError } from "#base";
import type { Derivation, StorePath } from "#format";
import type { RealiseRequest } from "#lang";
import { dependenciesFirst, type Store } from "#store";
import type { RealiseMode } from "../builders/context.ts";

export interface PlannedBuild {
  readonly drvPath: StorePath;
  readonly drv: Derivation;
  /** Other planned builds that must come first. */
  readonly needs: readonly StorePath[];
  readonly mode: RealiseMode;
}

export interface PlanOptions {
  /** To check what is wanted, it is built although it is there. */
  readonly check?: boolean | undefined;
  /** Derivations that are built although their outputs are valid: these are damaged. */
  readonly damaged?: ReadonlySet<StorePath> | undefined;
}

/**
 * In an order in which each comes after all it needs. @throws CopseError `path-missing`, `output-unknown`,
 * `check-impossible`.
 */
export function planBuilds(
  store: Store,
  wanted: readonly RealiseRequest[],
  { check = false, damaged = new Set() }: PlanOptions = {},
): PlannedBuild[] {
  const planned = new Map<StorePath, PlannedBuild>();
  // Read once: what many need is asked for as often, each time for other outputs of it perhaps.
  const derivations = new Map<StorePath, Derivation>();
  const underway: {
    readonly drvPath: StorePath;
    readonly drv: Derivation;
    readonly mode: RealiseMode;
    next: number;
    readonly inputs: StorePath[];
  }[] = [];

  const open = (drvPath: StorePath, outputs: readonly string[], asked: RealiseMode): void => {
    if (planned.has(drvPath)) return;
    const mode = damaged.has(drvPath) ? "repair" : asked;
    const drv = derivations.get(drvPath) ?? store.readDerivation(drvPath);
    derivations.set(drvPath, drv);
    const isThere = outputs.every((name) => {
      const path = outputPath(drv, name) || store.queryOutputs(drvPath).get(name);
      return path !== undefined && store.isValid(path);
    });
    if (isThere && mode === "build") return;
    if (!isThere && mode === "check") throw nothingToCheck(drvPath);
    for (const source of drv.inputSrcs) requireValid(store, source);
    underway.push({ drvPath, drv, mode, next: 0, inputs: [...drv.inputDrvs.keys()] });
  };

  for (const request of wanted) {
    if (request.kind === "path") {
      requireValid(store, request.path);
      continue;
    }
    open(request.drvPath, [request.output], check ? "check" : "build");
    finishOpen();
  }
  for (const drvPath of damaged) {
    open(drvPath, [], "repair");
    finishOpen();
  }
  return damaged.size === 0 ? [...planned.values()] : afterRepairs(store, planned);

  // Depth first without recursion: chains of derivations can be longer than the stack is deep.
  function finishOpen(): void {
    for (let frame = underway.at(-1); frame; frame = underway.at(-1)) {
      const input = frame.inputs[frame.next++];
      if (input !== undefined) {
        open(input, frame.drv.inputDrvs.get(input) as readonly string[], "build");
        continue;
      }
      underway.pop();
      const needs = frame.inputs.filter((drvPath) => planned.has(drvPath));
      planned.set(frame.drvPath, { drvPath: frame.drvPath, drv: frame.drv, mode: frame.mode, needs });
    }
  }
}

/**
 * The order of derivations leads only through what is missing. What is damaged may lie below something that is there, and
 * whatever sees it must wait for its repair.
 */
function afterRepairs(store: Store, planned: ReadonlyMap<StorePath, PlannedBuild>): PlannedBuild[] {
  const withNeeds = new Map<StorePath, PlannedBuild>();
  for (const [drvPath, build] of planned) {
    const below = store.closure([drvPath]).filter((path) => path !== drvPath && planned.has(path));
    withNeeds.set(drvPath, { ...build, needs: below });
  }
  const order = dependenciesFirst([...planned.keys()], (path) => withNeeds.get(path)?.needs ?? []);
  return order.map((path) => withNeeds.get(path) as PlannedBuild);
}

/** "" where only building finds it out. */
function outputPath(drv: Derivation, name: string): StorePath | "" {
  const output = drv.outputs.get(name);
  if (!output)
    throw new CopseError("output-unknown", `Derivation ${drv.name} has no output of this name: \`${name}\``);
  return output.path;
}

function nothingToCheck(drvPath: StorePath): CopseError {
  return new CopseError(
    "check-impossible",
    `some outputs of '${drvPath}' are not valid, so checking is not possible`,
    { hint: "build it first; to check is to build again and compare" },
  );
}

function requireValid(store: Store, path: StorePath): void {
  if (store.isValid(path)) return;
  throw new CopseError("path-missing", `A path that is needed is not in the store: \`${path}\``, {
    hint: "evaluate again what made it; it may have been collected",
  });
}
