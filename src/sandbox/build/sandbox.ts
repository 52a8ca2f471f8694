/**
 * The sandbox in which a builder runs: namespaces of its own for users, mounts, processes, IPC, host name
 * and (unless it may use it) the network; a root that holds its inputs and nothing else; no way to outlive
 * the build. The builder is uid 1000 and gid 100 inside, and outside whoever called, root or not.
 *
 * This file prepares everything that needs no privilege, in a scratch directory: a skeleton of the root and
 * the table of mounts. util-linux's `unshare` makes the namespaces, build.sh in them does the rest.
 *
 * Chain of processes: node -> setpriv (dies with node) -> unshare (waits; its child dies with it) ->
 * build.sh as process 1 -> the builder. Killing process 1 makes the kernel kill every process in the
 * namespace, however often it has forked or left its session, and unshare returns only when all are gone.
 */
import { type StdioOptions, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { CopseError, installedPath } from "#base";
import { hasNamespaces } from "../entry-way.ts";
import { findHostProgram, hostToolPath } from "../host-programs.ts";
import { becomeBuilder } from "./become.ts";
import { collect, coverInherited, killAll } from "./chain.ts";
import { layOutBuild } from "./layout.ts";
import { personalityWords } from "./personality.ts";
import {
  BUILD_DIR_INSIDE,
  type BuildSandboxIo,
  type BuildSandboxResult,
  type BuildSandboxSpec,
} from "./spec.ts";
import { syscallFilterWords } from "./syscall-filter.ts";

/** Runs one builder to its end. After it returns or throws, none of its processes is left. */
export async function runSandboxed(spec: BuildSandboxSpec, io: BuildSandboxIo): Promise<BuildSandboxResult> {
  io.signal?.throwIfAborted();
  if (spec.tracer && !hasNamespaces()) {
    const { runTraced } = await import("../fallback/run-traced.ts");
    return await runTraced(spec, io, spec.tracer);
  }
  const scratch = await mkdtemp(join(spec.scratchParent ?? tmpdir(), "copse-build-"));
  try {
    await layOutBuild(spec, scratch);
    return await runChain(await chainArguments(spec, scratch), io);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

// Waits until the root is ready, then becomes the builder, with its output as its only descriptors.
const WAIT =
  'echo >&4; read -r copse_go <&6; [ "$copse_go" = go ] || exit 125; echo started >&3; unset copse_go;';
const OUTPUT_ONLY = "2>&1 3>&- 4>&- 5>&- 6>&-";

async function chainArguments(spec: BuildSandboxSpec, scratch: string): Promise<string[]> {
  const unshare = [
    ...["--user", "--map-user=1000", "--map-group=100", "--keep-caps"],
    ...["--mount", "--pid", "--ipc", "--uts", ...(spec.network ? [] : ["--net"])],
    ...["--fork", "--kill-child=SIGKILL", "--mount-proc", "--"],
  ];
  const drop = ["setpriv", "--ambient-caps=-all", "--inh-caps=-all", "--no-new-privs", "--"];
  const become = becomeBuilder(spec, {
    before: WAIT,
    directory: spec.buildDirInside ?? BUILD_DIR_INSIDE,
    redirections: OUTPUT_ONLY,
    hasEnv: spec.root.kind === "view",
  });
  // unshare of util-linux 2.36 ignores these two signals while it waits, and so would the builder.
  return [
    ...["--pdeathsig", "KILL", "--", ...(await personalityWords(spec.system ?? ""))],
    ...[findHostProgram("unshare"), ...unshare],
    ...["/bin/sh", installedPath("src/sandbox/build/build.sh"), scratch, spec.network ? "1" : "0"],
    ...(spec.filterSyscalls ? await syscallFilterWords() : []),
    ...[findHostProgram("env"), "-i", "--default-signal=INT,TERM", ...become.variables],
    ...[findHostProgram("setpriv"), ...drop.slice(1), ...become.words],
  ];
}

function runChain(args: string[], io: BuildSandboxIo): Promise<BuildSandboxResult> {
  const nullFd = openSync("/dev/null", "r");
  const child = spawn(findHostProgram("setpriv"), args, {
    env: { PATH: hostToolPath, LC_ALL: "C" },
    cwd: "/",
    // A session of its own: Ctrl-C at the terminal is copse's to handle, not the builder's.
    detached: true,
    stdio: coverInherited(["ignore", "pipe", "pipe", "pipe"], nullFd) as StdioOptions,
  });
  closeSync(nullFd);
  const troubles = collect(child.stdio[2] as Readable);
  const status = collect(child.stdio[3] as Readable);
  child.stdout?.on("data", (chunk: Buffer) => io.onOutput(chunk));
  const onAbort = () => killAll(child);
  io.signal?.addEventListener("abort", onAbort, { once: true });
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new CopseError("sandbox-setup", "Cannot start the sandbox", { cause })),
    );
    child.once("close", (exitCode, signal) => {
      io.signal?.removeEventListener("abort", onAbort);
      if (io.signal?.aborted) reject(io.signal.reason);
      else if (!status().includes("started")) reject(setupError(troubles()));
      else resolve({ exitCode, signal });
    });
  });
}

function setupError(troubles: string): CopseError {
  const detail = troubles.trim().split("\n").slice(-3).join("; ");
  return new CopseError("sandbox-setup", `Cannot set up the build's sandbox: \`${detail}\``, {
    hint: "`copse doctor` says what this machine allows",
  });
}
