/**
 * One command's work: a store, an evaluator, a lock, and what builds. Each is opened when it is first needed;
 * disposing of the session gives back what was opened.
 */
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  byteStringFromBytes,
  byteStringFromText,
  CopseError,
  installedPath,
  textFromByteString,
  threadModule,
} from "#base";
import { type Environment, type Read, ReadRecorder, stampOf, type Target } from "#build/warm";
import { type Bridge, cacheDirectory, createBridge } from "#fetch";
import { type Derivation, formatHash, hashBytes, isStorePath, STORE_DIR, type StorePath } from "#format";
import { createEvaluator, type Evaluator, formatExpr, parse } from "#lang";
import { type DebianRequests, openDebianRequests } from "#resolve";
import { locateStore, openStore, type Store } from "#store";
import { openCodeCache } from "./evaluation/code-cache.ts";
import { type DerivationHandle, derivationsIn } from "./evaluation/derivations.ts";
import { describeEnvironment, environmentInputs, rootOf } from "./evaluation/describe-environment.ts";
import { withEngine } from "./evaluation/engine-builtins.ts";
import { createEvalHost } from "./evaluation/eval-host.ts";
import { evaluateTarget, searchPathOf } from "./evaluation/evaluate.ts";
import { Evaluated } from "./evaluation/evaluated.ts";
import { lockedDebian } from "./evaluation/locked-debian.ts";
import type { ProgressSink } from "./progress/mod.ts";
import { readBuildLog } from "./realise/build-log.ts";
import type { Realiser } from "./realise/open-realiser.ts";
import type { RealiseSettings } from "./realise/realiser.ts";
import type { ServiceThreadData } from "./service-thread.ts";

/**
 * The lock stands beside the file that it belongs to. An expression on the command line belongs to the project in
 * whose folder it is typed if that has a lock; otherwise it leaves nothing behind but a file in the cache.
 */
function lockPathOf(target: Target, cacheDir: string): string {
  if (target.file !== undefined) return join(dirname(target.file), "copse.lock");
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
  /** Answer what is locked anew. */
  readonly updateLock: boolean;
  readonly realise: RealiseSettings;
  readonly progress: ProgressSink;
  readonly signal: AbortSignal;
}

/** An output that was built, or was there. */
export interface BuiltOutput {
  readonly attrPath: string;
  readonly name: string;
  readonly drvPath: StorePath;
  readonly output: string;
  readonly path: StorePath;
}

export interface LockSummary {
  readonly path: string;
  readonly changed: boolean;
  readonly suites: readonly { readonly name: string; readonly packages: number; readonly date: string }[];
}

export class Session implements AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #recorder = new ReadRecorder();
  readonly #disposables = new AsyncDisposableStack();
  #store: Store | undefined;
  #realiser: Realiser | undefined;
  #bridge: Bridge | undefined;
  #debian: DebianRequests | undefined;
  #lockPath: string | undefined;
  #lockBefore: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get store(): Store {
    this.#store ??= this.#disposables.use(openStore(locateStore(this.#options.env)));
    return this.#store;
  }

  /** `exactLaziness`: printed without forcing, the value shows unevaluated just what C++ Nix leaves so. Slower. */
  evaluate(target: Target, options: { readonly exactLaziness?: boolean } = {}): Evaluated {
    const evaluator = this.#openEvaluator(target, options.exactLaziness ?? false);
    const value = evaluateTarget(evaluator, target);
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
      formatExpr(parse(source, { baseDir, home: this.#options.env["HOME"], separateTexts: true })),
    );
  }

  derivations(target: Target): DerivationHandle[] {
    const { evaluator, value } = this.evaluate(target);
    const found = derivationsIn(evaluator, value);
    evaluator.saveCode();
    this.store.flush();
    return found;
  }

  /** @throws what evaluating and realising throw. */
  async build(target: Target): Promise<BuiltOutput[]> {
    const found = this.derivations(target);
    const { signal } = this.#options;
    const realiser = await this.#openRealiser();
    await realiser.realise(
      found.map(({ drvPath, output }) => ({ kind: "output", drvPath, output })),
      signal,
    );
    await realiser.viewsFor(
      found.map(({ outPath }) => outPath),
      signal,
    );
    return found.map(({ attrPath, outPath, ...rest }) => ({
      ...rest,
      attrPath: [target.attrPath, attrPath].filter((part) => part !== "").join("."),
      path: outPath,
    }));
  }

  /** The environment that one derivation describes, ready to be entered, and what the evaluation read. */
  async environment(
    target: Target,
  ): Promise<{ environment: Environment; reads: readonly Read[] | undefined }> {
    const [found, another] = this.derivations(target);
    if (!found || another) {
      throw new CopseError(
        "environment-ambiguous",
        "The file describes several derivations, an environment is one",
        {
          hint: "name one with -A",
        },
      );
    }
    const drv = this.store.readDerivation(found.drvPath);
    const root = rootOf(drv);
    const realiser = await this.#openRealiser();
    await realiser.realise(environmentInputs(drv), this.#options.signal);
    const viewDir = await realiser.view(root, this.#options.signal);
    this.#keep(found.drvPath, drv);
    const environment = describeEnvironment(this.store, { drvPath: found.drvPath, drv, viewDir });
    // The lock was read, and perhaps written, by this evaluation: its state now is what the result rests on.
    if (this.#lockPath !== undefined) this.#recorder.file(this.#lockPath);
    return { environment, reads: this.#recorder.reads() };
  }

  logOf(path: StorePath): Uint8Array {
    const drvPath = path.endsWith(".drv") ? path : (this.store.queryInfo(path)?.deriver ?? path);
    return readBuildLog(this.store.place, drvPath);
  }

  /** @throws CopseError `store-root-occupied`. */
  linkResult(link: string, path: StorePath): void {
    mkdirSync(dirname(link), { recursive: true });
    this.store.addIndirectRoot(link, path);
  }

  /** The store path that a link such as `result` leads to. */
  resultOf(link: string): StorePath | undefined {
    if (!lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
    const [, base = ""] = /\/nix\/store\/([^/]+)$/.exec(readlinkSync(link)) ?? [];
    const path = `${STORE_DIR}/${base}`;
    return isStorePath(path) && this.store.isValid(path) ? path : undefined;
  }

  lockSummary(): LockSummary {
    const lock = this.#debian?.lock;
    const path = this.#lockPath ?? "";
    return {
      path,
      changed: this.#lockBefore !== stampOf(path),
      suites: (lock?.suites() ?? []).map(({ suite, architecture, locked }) => ({
        name: `${suite} ${architecture}`,
        packages: locked.packages.length,
        date: locked.releases
          .map((release) => `${release.archive} ${release.version} of ${release.date}`)
          .join(", "),
      })),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#debian?.close();
    this.#bridge?.close();
    await this.#disposables.disposeAsync();
  }

  #openEvaluator(target: Target, exactLaziness: boolean): Evaluator {
    const { env, system, frozen, updateLock, progress } = this.#options;
    const store = this.store;
    const variable = (name: string): string => env[name] ?? "";
    this.#lockPath = lockPathOf(target, cacheDirectory(env));
    this.#lockBefore ??= stampOf(this.#lockPath);
    this.#debian ??= openDebianRequests({ lockPath: this.#lockPath, frozen, update: updateLock });
    for (const name of ["NIX_PATH", "HOME"]) this.#recorder.variable(name, variable(name));
    const host = createEvalHost({
      store,
      recorder: this.#recorder,
      system,
      variable,
      searchPath: searchPathOf(target, variable("NIX_PATH")),
      message: (level, text) => progress({ kind: "message", level, text }),
      blocking: {
        realise: (wanted) => this.#openBridge().call<void>("realise", wanted),
        fetch: (request) => {
          throw new CopseError(
            "fetch-missing",
            `Fetching during evaluation is not part of this version: \`${request.method}\``,
          );
        },
      },
    });
    const questions = lockedDebian(this.#debian, { system, frozen });
    return createEvaluator({
      host,
      builtins: withEngine({ debian: questions, launcher: byteStringFromText(LAUNCHER) }),
      codeCache: openCodeCache(cacheDirectory(env)),
      exactLaziness,
    });
  }

  /** Loaded only here: evaluating must not wait for all that builds. */
  async #openRealiser(): Promise<Realiser> {
    const { env, realise: settings, progress } = this.#options;
    if (!this.#realiser) {
      const { Realiser } = await import("./realise/open-realiser.ts");
      this.#realiser = this.#disposables.use(new Realiser({ store: this.store, env, settings, progress }));
    }
    return this.#realiser;
  }

  #openBridge(): Bridge {
    const { env, realise: settings } = this.#options;
    const data: ServiceThreadData = { place: this.store.place, env: { ...env }, settings };
    this.#bridge ??= createBridge(threadModule("build/service-thread"), { data });
    return this.#bridge;
  }

  /** Keeps an environment from being collected, until the same project's next one takes its place. */
  #keep(drvPath: StorePath, drv: Derivation): void {
    const project = formatHash(hashBytes("sha256", byteStringFromText(this.#lockPath ?? "")), "nix32").slice(
      0,
      16,
    );
    this.store.addRoot(`environment-${drv.name}-${project}`, drvPath);
  }
}
