/**
 * The evaluating half of a session: a store, an evaluator, a lock. Each is opened when it is first needed; disposing gives
 * back what was opened.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  byteStringFromBytes,
  byteStringFromText,
  CopseError,
  installedPath,
  textFromByteString,
  threadModule,
} from "#base";
import { type Read, ReadRecorder, stampOf, type Target } from "#build/warm";
import { type Bridge, cacheDirectory, createBridge } from "#fetch";
import type { StorePath } from "#format";
import { createEvaluator, type Evaluator, formatExpr, parse, type Value } from "#lang";
import { openRequests, type Requests } from "#resolve";
import { locateStore, openStore, type Store, type StorePlace } from "#store";
import type { LibraryScan } from "../builders/python/scan-libraries.ts";
import type { ProgressSink } from "../progress/mod.ts";
import type { ServiceThreadData } from "../service-thread.ts";
import type { Settings } from "../settings/mod.ts";
import { type App, appOf } from "./app.ts";
import { openCodeCache } from "./code-cache.ts";
import { type DerivationHandle, derivationsIn } from "./derivations.ts";
import { withEngine } from "./engine-builtins.ts";
import { createEvalHost } from "./eval-host.ts";
import { argumentsFor, evaluateWhole, selectTarget } from "./evaluate.ts";
import { Evaluated } from "./evaluated.ts";
import { evaluatorSettings } from "./evaluator-settings.ts";
import { type InstallableValue, outputsToInstall, singlePath } from "./installable-values.ts";
import { lockedDebian } from "./locked-debian.ts";
import { pythonFunctions } from "./python/engine-python.ts";
import { interpreterFunctions } from "./python/interpreters.ts";
import { lockedPython } from "./python/locked-python.ts";
import { rFunctions } from "./r-packages.ts";
import { findOnSearchPath, searchPathOf } from "./search-path.ts";

/**
 * The lock stands beside the file that it belongs to. An expression on the command line belongs to the project in
 * whose folder it is typed if that has a lock; otherwise it leaves nothing behind but a file in the cache.
 */
function lockPathOf(target: Target, cacheDir: string): string {
  if (target.file !== undefined) return join(dirname(target.file), "copse.lock");
  if (target.project !== undefined) return join(target.project, "copse.lock");
  const own = join(target.baseDir, "copse.lock");
  if (existsSync(own)) return own;
  mkdirSync(cacheDir, { recursive: true });
  return join(cacheDir, "expressions.lock");
}

/** Copied to the store with the packages whose programs it starts. */
const LAUNCHER = installedPath("src/sandbox/enter.sh");

export interface SessionOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly system: string;
  readonly frozen: boolean;
  /** Answer what is locked anew; names are those of Python projects, whose versions alone may then move. */
  readonly updateLock: boolean | readonly string[];
  /** Indexes are asked again, also where their last answer may still be used. */
  readonly refreshIndexes?: boolean;
  readonly settings: Settings;
  /** Nothing that evaluating makes is written to the store: paths are computed only. */
  readonly readOnly?: boolean;
  /** Wheels are made, to look into them for libraries that they use undeclared. Default: true. */
  readonly examinesWheels?: boolean;
  /** What is built while evaluating prints as it goes. Default: the end of a failed build's log is told. */
  readonly showsBuildLogs?: boolean;
  /** What it builds takes no program to be run. */
  readonly isForTracer?: boolean;
  readonly progress: ProgressSink;
  readonly signal: AbortSignal;
}

export interface LockSummary {
  readonly path: string;
  readonly changed: boolean;
  readonly suites: readonly { readonly name: string; readonly packages: number; readonly date: string }[];
}

export interface EvaluateOptions {
  /** Printed without forcing, the value shows unevaluated just what C++ Nix leaves so. Slower. */
  readonly exactLaziness?: boolean;
  /** When a function is called with the target's arguments. Default: always. */
  readonly call?: "always" | "with-arguments" | "never";
}

export class EvaluationSession implements AsyncDisposable {
  protected readonly options: SessionOptions;
  protected readonly recorder = new ReadRecorder();
  protected readonly disposables = new AsyncDisposableStack();
  /** Of what was evaluated first; undefined before that. */
  protected lockPath: string | undefined;
  /** The values of whole files and expressions: attributes are taken from these one by one. */
  readonly #wholes = new Map<string, Value>();
  #place: StorePlace | undefined;
  #store: Store | undefined;
  #evaluator: Evaluator | undefined;
  #bridge: Bridge | undefined;
  #requests: Requests | undefined;
  #lockBefore: string | undefined;

  constructor(options: SessionOptions) {
    this.options = options;
  }

  get place(): StorePlace {
    this.#place ??= locateStore(this.options.env, { store: this.options.settings.store });
    return this.#place;
  }

  get store(): Store {
    this.#store ??= this.disposables.use(openStore(this.place, { settings: this.options.settings }));
    return this.#store;
  }

  evaluate(target: Target, options: EvaluateOptions = {}): Evaluated {
    const { call = "always", exactLaziness = false } = options;
    const evaluator = this.#evaluatorFor(target, exactLaziness);
    const selected = selectTarget(evaluator, this.#wholeOf(evaluator, target), target);
    const isCalled = call === "always" || (call === "with-arguments" && target.args.length > 0);
    const value = isCalled
      ? evaluator.autoCall(selected, argumentsFor(evaluator, target, selected))
      : evaluator.force(selected);
    return new Evaluated(evaluator, value);
  }

  /** The syntax tree in Nix's own printed form. */
  parse(target: Target): string {
    const file = target.file;
    const text =
      file === undefined ? byteStringFromText(target.expr ?? "") : byteStringFromBytes(readFileSync(file));
    const source = { name: file === undefined ? "«string»" : byteStringFromText(file), text };
    const baseDir = byteStringFromText(file === undefined ? target.baseDir : dirname(file));
    return textFromByteString(
      formatExpr(parse(source, { baseDir, home: this.options.env["HOME"], separateTexts: true })),
    );
  }

  /** The file that `<name>` means. */
  findFile(name: string, target: Target): string {
    return findOnSearchPath(this.#evaluatorFor(target, false), name);
  }

  /** All derivations that the targets stand for, in their order. */
  derivations(...targets: readonly Target[]): DerivationHandle[] {
    const found = targets.flatMap((target) => {
      const evaluator = this.#evaluatorFor(target, false);
      const value = selectTarget(evaluator, this.#wholeOf(evaluator, target), target);
      return derivationsIn(evaluator, value, (called) => argumentsFor(evaluator, target, called)).map(
        (handle) => ({
          ...handle,
          attrPath: [target.attrPath, handle.attrPath].filter((part) => part !== "").join("."),
        }),
      );
    });
    this.#evaluator?.saveCode();
    this.#settle();
    return found;
  }

  /** What an attribute names: derivations with the outputs that are meant, or one store path. */
  installables(target: Target): InstallableValue[] {
    const { evaluator, value } = this.evaluate(target);
    const single = singlePath(evaluator, value);
    if (single) {
      this.#settle();
      return [single];
    }
    const outputs = new Map<DerivationHandle, readonly string[] | undefined>();
    const found = derivationsIn(
      evaluator,
      value,
      (called) => argumentsFor(evaluator, target, called),
      (handle, attrs) => outputs.set(handle, outputsToInstall(evaluator, attrs, handle)),
    );
    evaluator.saveCode();
    this.#settle();
    return found.map((handle) => ({
      kind: "derivation",
      attrPath: [target.attrPath, handle.attrPath].filter((part) => part !== "").join("."),
      drvPath: handle.drvPath,
      output: handle.output,
      outputs: outputs.get(handle),
    }));
  }

  /** What `nix run` runs. */
  app(target: Target): App {
    const { evaluator, value } = this.evaluate(target);
    const app = appOf(evaluator, value);
    this.#settle();
    return app;
  }

  /** A derivation that is in the store already. @throws CopseError `output-unknown`. */
  derivationAt(drvPath: StorePath, output: string | undefined): DerivationHandle {
    const drv = this.store.readDerivation(drvPath);
    const name = output ?? drv.env.get("outputName") ?? "out";
    if (!drv.outputs.has(name))
      throw new CopseError("output-unknown", `derivation '${drvPath}' does not have output '${name}'`);
    return { attrPath: "", name: drv.name, drvPath, output: name };
  }

  /** Addresses of the repositories that the evaluated expressions have stated, by name. */
  debianRepositories(): ReadonlyMap<string, readonly string[]> {
    return this.#requests?.debian.repositories ?? new Map();
  }

  /** What all that was evaluated rests on beside the lock; undefined where that cannot be checked. */
  reads(): readonly Read[] | undefined {
    return this.recorder.reads();
  }

  /** Drops from the lock what nothing has asked for that was evaluated, of what is for this system. */
  pruneLock(): void {
    const lock = this.#requests?.lock;
    if (!lock || lock.isFrozen) return;
    lock.prune(this.options.system);
    lock.save();
  }

  /** The same of indexes of Python packages. */
  pythonIndexes(): ReadonlyMap<string, string> {
    return this.#requests?.python.indexes ?? new Map();
  }

  lockSummary(): LockSummary {
    const lock = this.#requests?.lock;
    const path = this.lockPath ?? "";
    return {
      path,
      changed: this.#lockBefore !== stampOf(path),
      suites: (lock?.suites() ?? []).map(({ suite, architecture, locked }) => ({
        name: `${suite} ${architecture}`,
        packages: locked.packages.length,
        date: locked.releases
          .map((release) =>
            [release.archive, release.version, `of ${release.date}`].filter((word) => word !== "").join(" "),
          )
          .join(", "),
      })),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#requests?.close();
    this.#bridge?.close();
    await this.disposables.disposeAsync();
  }

  #wholeOf(evaluator: Evaluator, target: Target): Value {
    const { file, expr, baseDir } = target;
    const key = JSON.stringify(file ?? [expr, baseDir]);
    let whole = this.#wholes.get(key);
    if (whole === undefined) {
      whole = evaluateWhole(evaluator, target);
      this.#wholes.set(key, whole);
    }
    return whole;
  }

  /** What evaluation has made is there for others, unless nothing is to be written. */
  #settle(): void {
    if (!this.options.readOnly) this.store.flush();
  }

  /** One evaluator for all that a command evaluates: what files have in common is evaluated once. */
  #evaluatorFor(target: Target, exactLaziness: boolean): Evaluator {
    this.#evaluator ??= this.#openEvaluator(target, exactLaziness);
    return this.#evaluator;
  }

  #openEvaluator(target: Target, exactLaziness: boolean): Evaluator {
    const { env, settings, system, frozen, updateLock, readOnly = false, progress } = this.options;
    const { refreshIndexes, examinesWheels } = this.options;
    const store = this.store;
    const variable = (name: string): string => env[name] ?? "";
    this.lockPath = lockPathOf(target, cacheDirectory(env));
    this.#lockBefore ??= stampOf(this.lockPath);
    this.#requests ??= openRequests({
      lockPath: this.lockPath,
      folder: target.file === undefined ? target.baseDir : dirname(target.file),
      frozen,
      update: updateLock,
      refresh: refreshIndexes,
      // Only who locks does without a look at wheels.
      expectsQuestions: examinesWheels === false,
      service: { progress: process.stderr.isTTY ? "line" : "none", env: { ...env } },
    });
    this.recorder.variable("HOME", variable("HOME"));
    const host = createEvalHost({
      store,
      recorder: this.recorder,
      system: settings["eval-system"] || settings.system || system,
      variable,
      searchPath: settings["pure-eval"] ? [] : searchPathOf(target.searchPath),
      restriction: settings["restrict-eval"] ? { allowedUris: settings["allowed-uris"] } : undefined,
      message: (level, text) => progress({ kind: "message", level, text: textFromByteString(text) }),
      readOnly,
      blocking: {
        realise: (wanted) =>
          this.#openBridge().call<void>("realise", { wanted, pythonIndexes: this.pythonIndexes() }),
        fetch: (request) => this.#openBridge().call<StorePath>("fetch", request),
      },
    });
    const questions = lockedDebian(this.#requests, { system, frozen });
    return createEvaluator({
      host,
      builtins: withEngine({
        debian: questions,
        further: [
          ...pythonFunctions(
            lockedPython(this.#requests, {
              isFrozen: frozen,
              mayExamine: !readOnly && this.options.examinesWheels !== false,
              scan: (trees, machine) =>
                this.#openBridge().call<readonly LibraryScan[]>("scanLibraries", { trees, system: machine }),
            }),
          ),
          ...interpreterFunctions(this.#requests.cpython),
          ...rFunctions({ requests: this.#requests.r, isFrozen: frozen }),
        ],
        launcher: byteStringFromText(LAUNCHER),
      }),
      codeCache: openCodeCache(cacheDirectory(env)),
      settings: evaluatorSettings(settings, { readOnly }),
      exactLaziness,
    });
  }

  #openBridge(): Bridge {
    const { env, settings } = this.options;
    const isTerminal = process.stderr.isTTY === true && env["TERM"] !== "dumb";
    const data: ServiceThreadData = {
      ...{ place: this.store.place, env: { ...env }, settings },
      columns: isTerminal ? (process.stderr.columns ?? 80) : undefined,
      showsLines: this.options.showsBuildLogs ?? false,
    };
    this.#bridge ??= createBridge(threadModule("build/service-thread"), { data });
    return this.#bridge;
  }
}
