/** How a builder ended, and the error that says so in Nix's words. */

import { statfsSync } from "node:fs";
import { constants } from "node:os";
import { CopseError, isCopseError } from "#base";
import { fixedOutput, STORE_DIR } from "#format";
import type { BuildTask } from "../context.ts";

export interface BuilderOutcome {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** What a full disk leaves free, in bytes: a failed build may then be the disk's fault. */
const NEARLY_FULL = 8 * 1024 * 1024;

/**
 * Throws unless the builder succeeded: CopseError `build-failed`, or `build-failed-transiently` where the next attempt may
 * well succeed, as the network or the disk can have been the reason.
 */
export function checkOutcome(task: BuildTask, outcome: BuilderOutcome, buildDir: string): void {
  if (outcome.exitCode === 0) return;
  const full = [task.services.store.place.realStoreDir, buildDir].some(isNearlyFull);
  const note = full ? "\nnote: build failure may have been caused by lack of free disk space" : "";
  const isTransient = full || fixedOutput(task.drv) !== undefined;
  throw new CopseError(
    isTransient ? "build-failed-transiently" : "build-failed",
    `Cannot build '${task.drvPath}'.\nReason: builder ${describe(outcome)}.${note}${outputLines(task)}`,
    { hint: hostBuilderHint(task) },
  );
}

/** For who writes `builder = "/bin/sh"`, which only builds without sandbox find. */
function hostBuilderHint({ drv, services }: BuildTask): string | undefined {
  if (drv.env.has("sandboxRoot") || drv.builder.startsWith(`${STORE_DIR}/`)) return undefined;
  if (services.nix.sandbox === "false") return undefined;
  return "without a `sandboxRoot` a builder sees the store and nothing else, not even /bin/sh: runCommand brings a root";
}

/** Whether a builder ran and failed, so that its log tells why. */
export function isBuilderFailure(error: unknown): error is CopseError {
  return isCopseError(error, "build-failed") || isCopseError(error, "build-failed-transiently");
}

function outputLines({ drv }: BuildTask): string {
  const paths = [...drv.outputs.values()].map(({ path }) => path).filter((path) => path !== "");
  return paths.length === 0 ? "" : `\nOutput paths:${paths.map((path) => `\n  ${path}`).join("")}`;
}

function describe({ exitCode, signal }: BuilderOutcome): string {
  if (signal === null) return `failed with exit code ${exitCode}`;
  const number = constants.signals[signal as NodeJS.Signals];
  return `failed due to signal ${number} (${SIGNAL_NAMES[signal] ?? signal})`;
}

/** As strsignal(3) calls the usual ones. */
const SIGNAL_NAMES: Readonly<Record<string, string>> = {
  SIGKILL: "Killed",
  SIGSEGV: "Segmentation fault",
  SIGABRT: "Aborted",
  SIGBUS: "Bus error",
  SIGFPE: "Floating point exception",
  SIGILL: "Illegal instruction",
  SIGTERM: "Terminated",
  SIGINT: "Interrupt",
  SIGHUP: "Hangup",
  SIGPIPE: "Broken pipe",
};

function isNearlyFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize < NEARLY_FULL;
  } catch {
    return false;
  }
}

/** The shell that is process 1 tells a signal by its exit code. */
export function fromShell(outcome: BuilderOutcome): BuilderOutcome {
  const { exitCode } = outcome;
  if (exitCode === null || exitCode <= 128) return outcome;
  const signal = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return signal === undefined ? outcome : { exitCode: null, signal };
}
