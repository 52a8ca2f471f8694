/**
 * The sandbox in which a builder runs: namespaces of its own for users, mounts, processes, IPC, host name
 * and (unless it may use it) the network; a root that holds its inputs and nothing else; no way to outlive
 * the build. The builder is uid 1000 and gid 100 inside, and outside whoever called, root or not.
 *
 * This file prepares what is on disk of the root, in a scratch directory, and runs a starter: perl with launch.pl, which
 * makes the system calls itself, or, on a machine without perl, a chain of util-linux's programs. Both come to the
 * same: a process that waits, dies with Node, and ends as the builder ends; its child, process 1 of the namespaces; the
 * builder. Killing process 1 makes the kernel kill every process in the namespace, however often it has forked or left
 * its session, and the process that waits returns only when all are gone.
 */
import { mkdtempSync, rmdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasNamespaces } from "../entry-way.ts";
import { setupError } from "./chain.ts";
import { findPerl, type Launch, launch } from "./launcher.ts";
import { layOutBuild, type RootLayout } from "./layout.ts";
import { rootSteps } from "./root-steps.ts";
import { runShellChain } from "./shell-chain.ts";
import {
  BUILD_DIR_INSIDE,
  type BuildSandboxIo,
  type BuildSandboxResult,
  type BuildSandboxSpec,
} from "./spec.ts";
import { syscallFilter } from "./syscall-filter.ts";

/** Runs one builder to its end. After it returns or throws, none of its processes is left. */
export async function runSandboxed(spec: BuildSandboxSpec, io: BuildSandboxIo): Promise<BuildSandboxResult> {
  io.signal?.throwIfAborted();
  if (spec.tracer && !hasNamespaces()) {
    const { runTraced } = await import("../fallback/run-traced.ts");
    return await runTraced(spec, io, spec.tracer);
  }
  const scratch = mkdtempSync(join(spec.scratchParent ?? tmpdir(), "copse-build-"));
  try {
    const layout = layOutBuild(spec, scratch);
    const perl = spec.starter === "util-linux" ? undefined : findPerl();
    if (perl === undefined) return await runShellChain(spec, { layout, scratch }, io);
    const { started, troubles, result } = await launch(perl, sandboxLaunch(spec, layout), io);
    if (started) return result;
    // An administrator may have given what namespaces take to util-linux's programs alone.
    if (/not permitted|Permission denied/.test(troubles))
      return await runShellChain(spec, { layout, scratch }, io);
    throw setupError(troubles);
  } finally {
    await removeScratch(scratch);
  }
}

/** Most builds leave nothing in the temporary folder. */
async function removeScratch(scratch: string): Promise<void> {
  try {
    for (const name of ["new", "tmp", ""]) rmdirSync(join(scratch, name));
  } catch {
    await rm(scratch, { recursive: true, force: true });
  }
}

function sandboxLaunch(spec: BuildSandboxSpec, layout: RootLayout): Launch {
  return {
    namespaces: [
      "users",
      "mounts",
      "processes",
      "ipc",
      "names",
      ...(spec.network ? [] : (["network"] as const)),
    ],
    steps: rootSteps(layout, { network: spec.network }),
    env: spec.env,
    argv: spec.argv,
    directory: spec.buildDirInside ?? BUILD_DIR_INSIDE,
    system: spec.system ?? "",
    filter: spec.filterSyscalls ? syscallFilter() : undefined,
  };
}
