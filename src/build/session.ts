/**
 * One command's work: what evaluating comes to is built, linked, and made ready to be entered. What builds is opened when
 * it is first needed.
 */
import { lstatSync, mkdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { byteStringFromText, CopseError } from "#base";
import type { Environment, EnvironmentOptions, EnvironmentRoot, Read, Target } from "#build/warm";
import { type Derivation, formatHash, hashBytes, isStorePath, STORE_DIR, type StorePath } from "#format";
import type { RealiseRequest } from "#lang";
import type { DerivationHandle } from "./evaluation/derivations.ts";
import {
  describeEnvironment,
  environmentInputs,
  inputPaths,
  rootOf,
  variablePaths,
  withBuiltInputs,
} from "./evaluation/describe-environment.ts";
import { EvaluationSession } from "./evaluation/evaluation-session.ts";
import { isOwnPackageSet } from "./evaluation/search-path.ts";
import { readBuildLog } from "./realise/build-log.ts";
import type { Realiser } from "./realise/open-realiser.ts";
import type { RealiseOptions } from "./realise/realiser.ts";
import { type BashEnvironment, parseBashEnvironment } from "./shell-environment/bash-environment.ts";
import { addEnvironmentDerivation } from "./shell-environment/environment-derivation.ts";
import { needsTracer, provideTracer } from "./tracer.ts";

export type { EvaluateOptions, LockSummary, SessionOptions } from "./evaluation/evaluation-session.ts";

/** What making an output valid is asked for with. */
export function requestFor({
  drvPath,
  output,
}: Pick<DerivationHandle, "drvPath" | "output">): RealiseRequest {
  return { kind: "output", drvPath, output };
}

/** An output that was built, or was there. */
export interface BuiltOutput {
  readonly attrPath: string;
  readonly name: string;
  readonly drvPath: StorePath;
  readonly output: string;
  readonly path: StorePath;
}

export interface PreparedEnvironment {
  readonly name: string;
  /** The store path that it was read from. */
  readonly path: StorePath;
  readonly bash: BashEnvironment;
  readonly root: EnvironmentRoot | undefined;
}

export class Session extends EvaluationSession {
  #realiser: Realiser | undefined;

  /** @throws what realising throws. */
  async realise(wanted: readonly RealiseRequest[], options: RealiseOptions = {}): Promise<void> {
    const realiser = await this.#openRealiser();
    await realiser.realise(wanted, { ...options, signal: this.options.signal });
  }

  /** Says what realising would do. */
  async announce(wanted: readonly RealiseRequest[]): Promise<void> {
    await this.realise(wanted, { dryRun: true });
  }

  /** Builds what is not there yet; then its programs can be started, those with a root of their own too. */
  async build(wanted: readonly DerivationHandle[], options: RealiseOptions = {}): Promise<BuiltOutput[]> {
    await this.realise(wanted.map(requestFor), options);
    const built = wanted.map((handle) => ({ ...handle, path: this.#outputPath(handle) }));
    await this.prepareLaunchers(built.map(({ path }) => path));
    return built;
  }

  /** Makes the views of all roots that programs among these paths enter. */
  async prepareLaunchers(paths: readonly StorePath[]): Promise<void> {
    const realiser = await this.#openRealiser();
    await realiser.viewsFor(paths, this.options.signal);
  }

  #outputPath({ drvPath, output }: Pick<DerivationHandle, "drvPath" | "output">): StorePath {
    const path = this.store.queryOutputs(drvPath).get(output);
    if (path !== undefined) return path;
    throw new CopseError("output-unknown", `derivation '${drvPath}' does not have output '${output}'`);
  }

  /** The environment that one derivation describes, ready to be entered, and what the evaluation read. */
  async environment(
    target: Target,
    options: EnvironmentOptions = {},
  ): Promise<{ environment: Environment; reads: readonly Read[] | undefined }> {
    const [found, another] = this.derivations(target);
    if (!found || another) {
      throw new CopseError("environment-ambiguous", "nix-shell requires a single derivation", {
        hint: "the file describes several, or none: name one with -A",
      });
    }
    const environment = await this.environmentOf(found.drvPath, { ...options, target });
    // The lock was read, and perhaps written, by this evaluation: its state now is what the result rests on.
    if (this.lockPath !== undefined) this.recorder.file(this.lockPath);
    return { environment, reads: this.reads() };
  }

  /** The same for a derivation that is in the store already. The target says where `<nixpkgs>` is. */
  async environmentOf(
    drvPath: StorePath,
    options: EnvironmentOptions & { readonly target: Target },
  ): Promise<Environment> {
    const drv = this.store.readDerivation(drvPath);
    const root = rootOf(drv);
    const bash = root || !options.findBash ? undefined : this.#bashOfPackageSet(options.target);
    await this.realise([
      ...(bash ? [{ kind: "output" as const, drvPath: bash.drvPath, output: bash.output }] : []),
      ...environmentInputs(drv, options.exclude),
    ]);
    const viewDir = root && (await (await this.#openRealiser()).view(root, this.options.signal));
    // Inputs of another suite are programs that enter roots of their own.
    if (root) await this.prepareLaunchers(inputPaths(drv).filter(isStorePath));
    this.#keep(drvPath, drv);
    return describeEnvironment(this.store, {
      drvPath,
      drv: withBuiltInputs(this.store, drv),
      root: root && { path: root, viewDir: viewDir as string },
      bash: bash && `${this.#outputPath(bash)}/bin/bash`,
    });
  }

  /**
   * `bashInteractive` of `<nixpkgs>`: what a shell on the host is, unless that means copse's own set, whose programs
   * belong into a root. Without one, the machine's own bash serves.
   */
  #bashOfPackageSet(target: Target): DerivationHandle | undefined {
    if (isOwnPackageSet(target.searchPath)) return undefined;
    const expr = "(import <nixpkgs> { }).bashInteractive";
    try {
      const { args: _, file: _file, ...rest } = target;
      const [found] = this.derivations({ ...rest, expr, args: [], attrPath: "" });
      if (found) return found;
      throw new CopseError(
        "not-a-derivation",
        "the 'bashInteractive' attribute in <nixpkgs> is no derivation",
      );
    } catch (error) {
      if (!(error instanceof CopseError)) throw error;
      this.options.progress({
        kind: "message",
        level: "warning",
        text: `${error.message}; uses bash from your environment`,
      });
      return undefined;
    }
  }

  /**
   * What the bash that would build a derivation has prepared: by a build of its environment alone. With a root where
   * the derivation has one.
   */
  async preparedEnvironment(drvPath: StorePath): Promise<PreparedEnvironment> {
    const envDrvPath = addEnvironmentDerivation(this.store, drvPath);
    const outputs = [...this.store.readDerivation(envDrvPath).outputs.keys()];
    await this.realise(outputs.map((output) => requestFor({ drvPath: envDrvPath, output })));
    const path = outputs
      .map((output) => this.#outputPath({ drvPath: envDrvPath, output }))
      .find((output) => statSync(this.store.realPath(output)).size > 0);
    if (path === undefined)
      throw new CopseError("environment-invalid", "The build of an environment has written nothing");
    const drv = this.store.readDerivation(drvPath);
    const root = rootOf(drv);
    const viewDir = root && (await (await this.#openRealiser()).view(root, this.options.signal));
    return {
      name: drv.name,
      path,
      bash: parseBashEnvironment(readFileSync(this.store.realPath(path), "utf8")),
      root: root && { path: root, viewDir: viewDir as string },
    };
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
    const path = `${STORE_DIR}/${basename(readlinkSync(link))}`;
    return isStorePath(path) && this.store.isValid(path) ? path : undefined;
  }

  /** Loaded only here: evaluating must not wait for all that builds. */
  async #openRealiser(): Promise<Realiser> {
    const { env, settings, progress } = this.options;
    if (!this.#realiser) {
      if (!this.options.isForTracer && needsTracer(env)) {
        await provideTracer(this.options, (options) => new Session(options));
      }
      const { Realiser } = await import("./realise/open-realiser.ts");
      this.#realiser = this.disposables.use(
        new Realiser({
          store: this.store,
          env,
          settings,
          progress,
          pythonIndexes: () => this.pythonIndexes(),
        }),
      );
    }
    return this.#realiser;
  }

  /** Keeps an environment from being collected, until the same project's next one takes its place. */
  #keep(drvPath: StorePath, drv: Derivation): void {
    const project = formatHash(hashBytes("sha256", byteStringFromText(this.lockPath ?? "")), "nix32").slice(
      0,
      16,
    );
    // With its inputs: a derivation that is kept does not keep what it was built from.
    const inputs = this.store.validOf([...inputPaths(drv).filter(isStorePath), ...variablePaths(drv)]);
    this.store.addRoot(`environment-${drv.name}-${project}`, [drvPath, ...inputs], {
      project: this.lockPath && dirname(this.lockPath),
    });
  }
}
