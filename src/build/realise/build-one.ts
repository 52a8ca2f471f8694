/**
 * One derivation: lock, build, take the outputs, unlock. To *build* means to register what came out; to *check*, to
 * compare it with what is registered; to *repair*, to put it in the place of files that were damaged.
 */
import { byteStringFromText, CopseError, requireFeature } from "#base";
import {
  type Derivation,
  derivationPath,
  hasKnownOutputPaths,
  isResolvedFirst,
  resolveDerivation,
  type StorePath,
} from "#format";
import { derivationOutputs, removeTree, type Store } from "#store";
import type { BuildServices, BuildTask, RealiseMode } from "../builders/context.ts";
import { checkOutputs } from "../builders/output-checks.ts";
import { isBuilderFailure } from "../builders/program/outcome.ts";
import { selectBuilder } from "../builders/select.ts";
import { BuildFolders } from "./build-folder.ts";
import { limitBuild } from "./build-limits.ts";
import { openBuildLog } from "./build-log.ts";
import { readBuilderMessage } from "./builder-messages.ts";
import { checkAgainstRegistered } from "./compare-outputs.ts";
import { addressOutputs } from "./content-addressing.ts";
import { inputClosure, outputPathOf, outputRequests } from "./output-requests.ts";
import type { PlannedBuild } from "./plan.ts";
import { runPostBuildHook } from "./post-build-hook.ts";

type Build = PlannedBuild & { readonly mode: RealiseMode };

/** Returns the outputs' paths, all valid. @throws what builders, checks and the store throw. */
export async function buildOne(
  services: BuildServices,
  build: Build,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, StorePath>> {
  const { store, nix, progress } = services;
  const features = nix["experimental-features"];
  requireFeaturesOf(build.drv, features);
  if (!features.includes("ca-derivations") || !isResolvedFirst(build.drv))
    return await buildAsIs(services, build, signal);
  const drv = resolveDerivation(build.drv, (input, output) => outputPathOf(store, input, output));
  const drvPath = derivationPath(drv);
  const text = `resolved derivation: '${build.drvPath}' -> '${drvPath}'...`;
  progress({ kind: "message", level: "note", text });
  const outputs = await buildAsIs(services, { ...build, drvPath, drv }, signal);
  if (build.mode === "build") store.registerRealisations(build.drv, outputs);
  return outputs;
}

/** A derivation may have been made where more was switched on. @throws CopseError `experimental-feature`. */
function requireFeaturesOf(drv: Derivation, features: readonly string[]): void {
  if (!hasKnownOutputPaths(drv)) requireFeature(features, "ca-derivations");
  for (const { hashAlgo } of drv.outputs.values()) {
    if (hashAlgo.startsWith("text:")) requireFeature(features, "dynamic-derivations", "text-hashed output");
    if (hashAlgo.endsWith("blake3")) requireFeature(features, "blake3-hashes");
  }
}

async function buildAsIs(
  services: BuildServices,
  build: Build,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, StorePath>> {
  const { store } = services;
  const { drvPath, drv, mode } = build;
  const stated = derivationOutputs(drv);
  // Where no path is known yet, the derivation itself stands for what is being made.
  const locked = stated.size > 0 ? [...stated.values()] : [drvPath];
  // What only copse can build needs no lock that another Nix would see.
  using _lock = drv.builder.startsWith("builtin:")
    ? await store.lockAmongOwn(locked, signal)
    : await store.lock(locked, signal);
  // Another process may have built it while this one waited.
  const known = knownOutputs(store, build);
  if (mode === "build" && known.size === drv.outputs.size) {
    store.registerRealisations(drv, known);
    return known;
  }
  refuseWithoutJobs(services, build);
  if (!store.isValid(drvPath)) store.addDerivation(drv, drvPath);
  store.flush();
  const underway = mode === "build" && stated.size === 0 ? { ...build, drv: withPaths(drv, known) } : build;
  await using attempt = new Attempt(services, underway, signal);
  const outputs = await attempt.run();
  if (mode !== "check") store.registerRealisations(drv, outputs);
  await runPostBuildHook(services, { drvPath, outPaths: [...outputs.values()], signal });
  return outputs;
}

/** @throws CopseError `builds-disabled` where there is something to build rather than to fetch. */
function refuseWithoutJobs({ nix }: BuildServices, { drvPath, drv }: Build): void {
  if (nix["max-jobs"] !== 0 || selectBuilder(drv).resource !== "processor") return;
  throw new CopseError("builds-disabled", `Cannot build '${drvPath}'.\nReason: local builds are disabled`, {
    hint: "max-jobs is 0",
  });
}

/** Outputs that are valid, and stay so as long as this process lives. */
function knownOutputs(store: Store, { drv }: Build): Map<string, StorePath> {
  const stated = derivationOutputs(drv);
  const find = () => (stated.size > 0 ? stated : store.queryRealised(drv));
  store.addTempRoots(find().values());
  return new Map([...find()].filter(([, path]) => store.isValid(path)));
}

/** Of several floating outputs some may be there still: these are not made anew. */
function withPaths(drv: Derivation, known: ReadonlyMap<string, StorePath>): Derivation {
  const outputs = [...drv.outputs].map(
    ([name, output]) => [name, { ...output, path: known.get(name) ?? output.path }] as const,
  );
  return { ...drv, outputs: new Map(outputs) };
}

/** From the first file to the last: what was made for a build that fails is taken away again. */
class Attempt implements AsyncDisposable {
  readonly #services: BuildServices;
  readonly #build: Build;
  readonly #signal: AbortSignal;
  readonly #folders: BuildFolders;
  readonly #outputs: ReadonlyMap<string, string>;
  #ok = false;

  constructor(services: BuildServices, build: Build, signal: AbortSignal) {
    const { store, nix } = services;
    this.#services = services;
    this.#build = build;
    this.#signal = signal;
    this.#folders = new BuildFolders(store.place, {
      workPath: store.tempPath(),
      parent: nix["build-dir"],
    });
    this.#outputs = new Map([...build.drv.outputs].map(([name]) => [name, store.tempPath()]));
  }

  async run(): Promise<ReadonlyMap<string, StorePath>> {
    const { store, progress, nix } = this.#services;
    const { drvPath, drv, mode } = this.#build;
    const { activity, builder } = selectBuilder(drv);
    using limits = limitBuild(drvPath, nix, this.#signal);
    await using log = openBuildLog(store.place, drvPath, {
      isKept: nix["keep-build-log"],
      // Most of what copse builds by itself has nothing to say.
      mayBeEmpty: !drv.builder.startsWith("builtin:"),
      onLine(text) {
        const said = readBuilderMessage(text);
        if (said?.message) progress({ kind: "message", ...said.message });
        if (!said?.isHandled) progress({ kind: "line", id: drvPath, name: drv.name, text });
      },
    });
    const task: BuildTask = {
      services: this.#services,
      drvPath,
      drv,
      mode,
      outputs: this.#outputs,
      workDir: () => this.#folders.work(),
      buildDir: () => this.#folders.build(),
      inputs: inputClosure(store, this.#build),
      log(chunk) {
        limits.said(chunk.length);
        log.write(chunk);
      },
      signal: limits.signal,
    };
    progress({ kind: "start", id: drvPath, activity, name: drv.name });
    try {
      await this.#buildWith(builder, task, () => log.tail(nix["log-lines"]));
      const { drv: finished, addresses } = await addressOutputs(task);
      await this.#register({ ...task, drv: finished }, addresses);
      this.#ok = true;
      return derivationOutputs(finished);
    } finally {
      progress({ kind: "finish", id: drvPath, ok: this.#ok });
    }
  }

  async #register(task: BuildTask, addresses: ReadonlyMap<StorePath, string>): Promise<void> {
    const { store } = this.#services;
    const requests = outputRequests(task, addresses);
    if (task.mode !== "build") {
      await checkAgainstRegistered(task, requests);
      return;
    }
    // Someone else may be coming to the same contents.
    using _lock = addresses.size > 0 ? await store.lock([...addresses.keys()], task.signal) : undefined;
    await store.registerOutputs(requests, task.signal, (made) => checkOutputs(task, made));
  }

  async #buildWith(
    builder: (task: BuildTask) => Promise<void>,
    task: BuildTask,
    tail: () => readonly string[],
  ): Promise<void> {
    try {
      await builder(task);
    } catch (error) {
      if (!isBuilderFailure(error)) throw error;
      throw withLog(error, { drvPath: task.drvPath, lines: tail() });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { progress, nix } = this.#services;
    for (const output of this.#outputs.values()) removeTree(byteStringFromText(output));
    const kept = !this.#ok && nix["keep-failed"] ? this.#folders.keep() : undefined;
    if (kept === undefined) this.#folders.remove();
    else progress({ kind: "message", level: "note", text: `note: keeping build directory '${kept}'` });
  }
}

/** A failed builder's error, with what it said last. */
function withLog(
  error: CopseError,
  log: { readonly drvPath: StorePath; readonly lines: readonly string[] },
): CopseError {
  const said =
    log.lines.length === 0
      ? "it printed nothing"
      : `${lastLines(log.lines.length)} of its log:\n${log.lines.map((line) => `> ${line}`).join("\n")}`;
  const whole = log.lines.length === 0 ? "" : `\n\`copse log ${log.drvPath}\` shows all of it`;
  return new CopseError(error.code, error.message, {
    cause: error.cause,
    exitCode: error.exitCode,
    hint: [error.hint, said + whole].filter((part) => part !== undefined).join("\n"),
  });
}

function lastLines(count: number): string {
  return count === 1 ? "the last line" : `the last ${count} lines`;
}
