/**
 * A builder's sandbox by util-linux's programs alone, for machines without perl:
 *
 *     setpriv (dies with node) -> unshare (waits; its child dies with it) -> build.sh as process 1 -> the builder
 *
 * `mount -a` works through the table of mounts in one process, and `cp` brings the skeleton.
 */
import { type StdioOptions, spawn } from "node:child_process";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { CopseError, installedPath } from "#base";
import { findHostProgram, hostToolPath } from "../host-programs.ts";
import { becomeBuilder } from "./become.ts";
import { collect, coverInherited, killAll, setupError } from "./chain.ts";
import { formatFstab } from "./fstab.ts";
import type { RootLayout } from "./layout.ts";
import { personalityWords } from "./personality.ts";
import { writeSkeleton } from "./skeleton.ts";
import {
  BUILD_DIR_INSIDE,
  type BuildSandboxIo,
  type BuildSandboxResult,
  type BuildSandboxSpec,
} from "./spec.ts";
import { syscallFilterWords } from "./syscall-filter.ts";

/** Throws CopseError `sandbox-setup`. */
export async function runShellChain(
  spec: BuildSandboxSpec,
  { layout, scratch }: { readonly layout: RootLayout; readonly scratch: string },
  io: BuildSandboxIo,
): Promise<BuildSandboxResult> {
  writeSkeleton(layout.skeleton, join(scratch, "skeleton"));
  const mounts = [
    ...layout.mounts,
    // "none": with its source named, mount -a would take the tmpfs for mounted already and do nothing.
    { source: "none", target: layout.root, options: "remount,ro" },
    // The host again, over /tmp for as long as build.sh needs its programs.
    { source: "/", target: join(layout.root, "tmp"), options: "rbind" },
  ];
  writeFileSync(join(scratch, "fstab"), formatFstab(mounts));
  await makePipes(["ready", "pivoted", "go"].map((name) => join(scratch, name)));
  return await runChain(await chainArguments(spec, scratch), io);
}

async function makePipes(paths: string[]): Promise<void> {
  const child = spawn(findHostProgram("mkfifo"), paths, { stdio: "ignore" });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new CopseError("sandbox-setup", `Cannot make a pipe: \`${paths[0]}\``);
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
