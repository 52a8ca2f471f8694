/** What a builder is given: one derivation to build, the places to build it in, and where to report. */

import type { DownloadRequest } from "#fetch";
import type { Derivation, StorePath } from "#format";
import type { WorkerPool } from "#root";
import type { Store } from "#store";
import type { ProgressSink } from "../progress/mod.ts";
import type { Settings } from "../settings/mod.ts";

/** To build what is missing, to build what is there again and compare, or to replace files that were damaged. */
export type RealiseMode = "build" | "check" | "repair";

export interface BuildServices {
  readonly store: Store;
  readonly progress: ProgressSink;
  readonly cores: number;
  readonly nix: Settings;
  /** What the caller's environment holds, for `impureEnvVars`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  download(request: DownloadRequest): Promise<unknown>;
  /** Threads for unpacking and merging. */
  readonly workers: WorkerPool;
}

export interface BuildTask {
  readonly services: BuildServices;
  readonly drvPath: StorePath;
  readonly drv: Derivation;
  readonly mode: RealiseMode;
  /** Real paths at which the outputs are to be made, by name of output. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Makes, at the first call, a real folder of this build's own on the store's file system, removed afterwards. */
  workDir(): Promise<string>;
  /** The same for the folder in which a program is built: that of a failed build can be kept. */
  buildDir(): Promise<string>;
  /** All valid paths that the build may refer to. */
  readonly inputs: readonly StorePath[];
  /** For the build log. */
  log(chunk: Uint8Array | string): void;
  readonly signal: AbortSignal;
}

export type Builder = (task: BuildTask) => Promise<void>;

/** A variable of the derivation. @throws Error where it is missing: `required` belongs to pkgs' own contracts. */
export function variable(task: BuildTask, name: string): string {
  const value = task.drv.env.get(name);
  if (value === undefined) throw new Error(`${task.drvPath} has no variable ${name}`);
  return value;
}

/** A variable that is a list of words. */
export function words(task: BuildTask, name: string): string[] {
  return (task.drv.env.get(name) ?? "").split(" ").filter((word) => word !== "");
}
