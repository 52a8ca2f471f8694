/**
 * Makes store paths valid by building what is missing: plan, schedule, and for each derivation what build-one.ts says.
 * What is built is decided by the derivation's builder: one of copse's own (`builtin:…`) or a program.
 */
import { availableParallelism } from "node:os";
import { type StorePath, storePathName } from "#format";
import type { RealiseRequest } from "#lang";
import type { Store } from "#store";
import type { BuildServices, RealiseMode } from "../builders/context.ts";
import { type Resource, selectBuilder } from "../builders/select.ts";
import type { Settings } from "../settings/mod.ts";
import { buildOne } from "./build-one.ts";
import { damagedDerivations } from "./damage.ts";
import { failureOf } from "./failures.ts";
import { type PlannedBuild, type PlanOptions, planBuilds } from "./plan.ts";
import { type Goal, runSchedule } from "./schedule.ts";

export interface RealiseOptions {
  readonly mode?: RealiseMode;
  /** Say what would be done, and do nothing. */
  readonly dryRun?: boolean;
}

/** Connections for downloads: many packages are small, so latency counts more than bandwidth. */
const DOWNLOADS_AT_ONCE = 8;

/** Builds at a time, as the settings say. */
export function jobsAtOnce(settings: Settings): number {
  const jobs = settings["max-jobs"];
  return jobs === "auto" ? availableParallelism() : jobs;
}

/** @throws CopseError `build-failed`, `dependency-failed`, `hash-mismatch`, what downloads and the store throw. */
export async function realise(
  services: BuildServices,
  wanted: readonly RealiseRequest[],
  options: RealiseOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { store, nix } = services;
  store.flush();
  const check = options.mode === "check";
  const damaged =
    options.mode === "repair"
      ? await damagedDerivations({ ...services, signal: options.signal }, wanted)
      : undefined;
  const planned = planKept(services, wanted, { check, damaged });
  if (planned.length === 0) return;
  announce(services, planned);
  if (options.dryRun) return;
  const goals = planned.map((build): Goal<Resource> => {
    const { resource } = selectBuilder(build.drv);
    return {
      id: build.drvPath,
      needs: build.needs,
      resource,
      run: async (abort) => void (await buildOne(services, build, abort)),
    };
  });
  // Without jobs, what turns out to be there already is still found.
  const processor = Math.max(1, jobsAtOnce(nix));
  const limits: Record<Resource, number> = { network: DOWNLOADS_AT_ONCE, processor };
  const keepGoing = nix["keep-going"];
  const failures = await runSchedule(goals, { limits, signal: options.signal, keepGoing });
  if (failures.length === 0) return;
  const wantedDrvs = new Set<StorePath>(
    wanted.flatMap((request) => (request.kind === "output" ? [request.drvPath] : [])),
  );
  throw failureOf({ planned, wanted: wantedDrvs, failures, keepGoing });
}

/**
 * A plan whose paths no collector takes away. What is found to be valid may be gone before it is a temporary root, so
 * the plan is made anew once it is.
 */
function planKept(
  { store }: BuildServices,
  wanted: readonly RealiseRequest[],
  options: PlanOptions,
): PlannedBuild[] {
  const draft = planBuilds(store, wanted, options);
  store.addTempRoots([
    ...wanted.flatMap((request) =>
      request.kind === "path" ? [request.path] : withOutputs(store, request.drvPath),
    ),
    ...draft.flatMap(({ drvPath, drv }) => [
      ...withOutputs(store, drvPath),
      ...drv.inputSrcs,
      ...[...drv.inputDrvs.keys()].flatMap((input) => withOutputs(store, input)),
    ]),
  ]);
  return draft.length === 0 ? draft : planBuilds(store, wanted, options);
}

function withOutputs(store: Store, drvPath: StorePath): StorePath[] {
  return [drvPath, ...store.queryOutputs(drvPath).values()];
}

function announce(services: BuildServices, planned: readonly PlannedBuild[]): void {
  const counts: Record<string, number> = {};
  let downloadBytes = 0;
  for (const { drv } of planned) {
    const { activity } = selectBuilder(drv);
    counts[activity] = (counts[activity] ?? 0) + 1;
    if (activity === "download") downloadBytes += Number(drv.env.get("sizeBytes") ?? 0);
  }
  services.progress({
    kind: "plan",
    counts,
    downloadBytes,
    derivations: planned.map(({ drvPath }) => ({ path: drvPath, name: storePathName(drvPath) })),
  });
}
