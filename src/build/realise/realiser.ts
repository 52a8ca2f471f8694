/**
 * Makes store paths valid by building what is missing: plan, schedule, and for each derivation lock, build,
 * register, unlock. What is built is decided by the derivation's builder: one of copse's own (`builtin:…`) or a
 * program in the sandbox.
 */
import { mkdirSync, renameSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { byteStringFromText, CopseError } from "#base";
import { fixedOutput, type Hash, parseHash, type StorePath, storePathBase } from "#format";
import type { RealiseRequest } from "#lang";
import { type OutputRequest, removeTree, type Store } from "#store";
import type { BuildServices, BuildTask } from "../builders/context.ts";
import { isFetchedVerified } from "../builders/fetchurl.ts";
import { type Resource, selectBuilder } from "../builders/select.ts";
import { openBuildLog } from "./build-log.ts";
import { type PlannedBuild, planBuilds } from "./plan.ts";
import { type Goal, runSchedule } from "./schedule.ts";

export interface RealiseSettings {
  /** Builds at a time. Downloads have a limit of their own. */
  readonly maxJobs: number;
  readonly maxDownloads: number;
  /** Processors that one build may use. */
  readonly cores: number;
  readonly keepGoing: boolean;
  readonly keepFailed: boolean;
}

export interface RealiserServices extends BuildServices {
  readonly settings: RealiseSettings;
}

/** @throws CopseError `build-failed`, `hash-mismatch`, what the downloads and the store throw. */
export async function realise(
  services: RealiserServices,
  wanted: readonly RealiseRequest[],
  signal: AbortSignal,
): Promise<void> {
  const { store, settings } = services;
  store.flush();
  const planned = planBuilds(store, wanted);
  if (planned.length === 0) return;
  announce(services, planned);
  const goals = planned.map((build): Goal<Resource> => {
    const { resource } = selectBuilder(build.drv);
    return {
      id: build.drvPath,
      needs: build.needs,
      resource,
      run: (abort) => buildOne(services, build, abort),
    };
  });
  const limits: Record<Resource, number> = {
    network: settings.maxDownloads,
    processor: settings.maxJobs,
  };
  const failures = await runSchedule(goals, { limits, signal, keepGoing: settings.keepGoing });
  if (failures.length > 0) throw failureOf(failures.map(({ error }) => error));
}

/** One failure as it is; of several, which `keepGoing` leads to, each with what it says. A bug of ours goes first. */
function failureOf(errors: readonly unknown[]): unknown {
  const known = errors.filter((error) => error instanceof CopseError);
  if (known.length < errors.length) return errors.find((error) => !(error instanceof CopseError));
  if (known.length === 1) return known[0];
  const each = known.map(({ message, hint = "" }) => `${message}\n${hint}`.trim().replaceAll("\n", "\n  "));
  return new CopseError("builds-failed", `${known.length} builds failed`, { hint: each.join("\n") });
}

function announce(services: RealiserServices, planned: readonly PlannedBuild[]): void {
  const counts: Record<string, number> = {};
  let downloadBytes = 0;
  for (const { drv } of planned) {
    const { activity } = selectBuilder(drv);
    counts[activity] = (counts[activity] ?? 0) + 1;
    if (activity === "download") downloadBytes += Number(drv.env.get("sizeBytes") ?? 0);
  }
  services.progress({ kind: "plan", counts, downloadBytes });
}

async function buildOne(services: RealiserServices, build: PlannedBuild, signal: AbortSignal): Promise<void> {
  const { store, progress, settings } = services;
  const { drvPath, drv } = build;
  const { activity, builder } = selectBuilder(drv);
  const finalPaths = [...drv.outputs.values()].map((output) => output.path as StorePath);
  // What only copse can build needs no lock that another Nix would see.
  using _lock = drv.builder.startsWith("builtin:")
    ? await store.lockAmongOwn(finalPaths, signal)
    : await store.lock(finalPaths, signal);
  // Another process may have built it while this one waited.
  if (finalPaths.every((path) => store.isValid(path))) return;

  const work = new WorkDir(store.tempPath());
  const log = openBuildLog(store.place, drvPath, (text) =>
    progress({ kind: "line", id: drvPath, name: drv.name, text }),
  );
  const outputs = new Map([...drv.outputs].map(([name]) => [name, store.tempPath()]));
  const inputs = inputClosure(store, build);
  const task: BuildTask = {
    services,
    drvPath,
    drv,
    outputs,
    workDir: () => work.make(),
    inputs,
    log: log.write,
    signal,
  };
  let ok = false;
  progress({ kind: "start", id: drvPath, activity, name: drv.name });
  try {
    await builder(task);
    await store.registerOutputs(outputRequests(task), signal);
    ok = true;
  } finally {
    await log.close();
    progress({ kind: "finish", id: drvPath, ok });
    if (!ok) for (const output of outputs.values()) removeTree(byteStringFromText(output));
    const kept = join(store.place.copseDir, "failed", storePathBase(drvPath).slice(0, -".drv".length));
    if (ok || !settings.keepFailed) work.remove();
    else if (work.moveTo(kept))
      progress({ kind: "message", level: "note", text: `the folder of the build is kept: ${kept}` });
  }
}

/** A folder that most builds never ask for. */
class WorkDir {
  readonly #path: string;
  #made: Promise<string> | undefined;

  constructor(path: string) {
    this.#path = path;
  }
  make(): Promise<string> {
    this.#made ??= mkdir(this.#path, { mode: 0o700 }).then(() => this.#path);
    return this.#made;
  }
  /** Whether there is something to move. */
  moveTo(place: string): boolean {
    if (!this.#made) return false;
    removeTree(byteStringFromText(place));
    mkdirSync(dirname(place), { recursive: true });
    renameSync(this.#path, place);
    return true;
  }
  /** What a builder leaves can be read-only folders. */
  remove(): void {
    if (this.#made) removeTree(byteStringFromText(this.#path));
  }
}

function inputClosure(store: Store, build: PlannedBuild): StorePath[] {
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

function outputRequests(task: BuildTask): OutputRequest[] {
  const fixed = fixedOutput(task.drv);
  const paths = [...task.drv.outputs.values()].map((output) => output.path as StorePath);
  return [...task.drv.outputs].map(([name, output]) => ({
    finalPath: output.path as StorePath,
    tmpRealPath: task.outputs.get(name) as string,
    candidates: [...task.inputs, ...paths],
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
