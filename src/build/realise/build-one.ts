/**
 * One derivation: lock, build, take the outputs, unlock. To *build* means to register what came out; to *check*, to
 * compare it with what is registered; to *repair*, to put it in the place of files that were damaged.
 */
import { byteStringFromText, CopseError } from "#base";
import type { StorePath } from "#format";
import { removeTree } from "#store";
import type { BuildServices, BuildTask, RealiseMode } from "../builders/context.ts";
import { checkOutputs } from "../builders/output-checks.ts";
import { isBuilderFailure } from "../builders/program/outcome.ts";
import { selectBuilder } from "../builders/select.ts";
import { BuildFolders } from "./build-folder.ts";
import { limitBuild } from "./build-limits.ts";
import { openBuildLog } from "./build-log.ts";
import { checkAgainstRegistered } from "./compare-outputs.ts";
import { inputClosure, outputRequests } from "./output-requests.ts";
import type { PlannedBuild } from "./plan.ts";
import { runPostBuildHook } from "./post-build-hook.ts";

/** @throws what builders, checks and the store throw. */
export async function buildOne(
  services: BuildServices,
  build: PlannedBuild & { readonly mode: RealiseMode },
  signal: AbortSignal,
): Promise<void> {
  const { store } = services;
  const { drvPath, drv, mode } = build;
  const finalPaths = [...drv.outputs.values()].map((output) => output.path as StorePath);
  // What only copse can build needs no lock that another Nix would see.
  using _lock = drv.builder.startsWith("builtin:")
    ? await store.lockAmongOwn(finalPaths, signal)
    : await store.lock(finalPaths, signal);
  // Another process may have built it while this one waited.
  if (mode === "build" && finalPaths.every((path) => store.isValid(path))) return;
  await using attempt = new Attempt(services, build, signal);
  await attempt.run();
  await runPostBuildHook(services, { drvPath, outPaths: finalPaths, signal });
}

/** From the first file to the last: what was made for a build that fails is taken away again. */
class Attempt implements AsyncDisposable {
  readonly #services: BuildServices;
  readonly #build: PlannedBuild & { readonly mode: RealiseMode };
  readonly #signal: AbortSignal;
  readonly #folders: BuildFolders;
  readonly #outputs: ReadonlyMap<string, string>;
  #ok = false;

  constructor(
    services: BuildServices,
    build: PlannedBuild & { readonly mode: RealiseMode },
    signal: AbortSignal,
  ) {
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

  async run(): Promise<void> {
    const { store, progress, nix } = this.#services;
    const { drvPath, drv, mode } = this.#build;
    const { activity, builder } = selectBuilder(drv);
    using limits = limitBuild(drvPath, nix, this.#signal);
    await using log = openBuildLog(store.place, drvPath, {
      isKept: nix["keep-build-log"],
      onLine: (text) => progress({ kind: "line", id: drvPath, name: drv.name, text }),
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
      const requests = outputRequests(task);
      if (mode === "build") {
        await store.registerOutputs(requests, limits.signal, (made) => checkOutputs(task, made));
      } else await checkAgainstRegistered(task, requests);
      this.#ok = true;
    } finally {
      progress({ kind: "finish", id: drvPath, ok: this.#ok });
    }
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
      : `the last ${log.lines.length} lines of its log:\n${log.lines.map((line) => `> ${line}`).join("\n")}`;
  const whole = log.lines.length === 0 ? "" : `\n\`copse log ${log.drvPath}\` shows all of it`;
  return new CopseError(error.code, error.message, {
    cause: error.cause,
    exitCode: error.exitCode,
    hint: [error.hint, said + whole].filter((part) => part !== undefined).join("\n"),
  });
}
