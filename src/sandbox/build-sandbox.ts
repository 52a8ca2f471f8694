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
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { CopseError, installedPath } from "#base";
import { layOutBuild } from "./build-layout.ts";
import { findHostProgram, hostToolPath } from "./host-programs.ts";

/** What `/` is for the builder: a root's view, or nothing but what the build's own mounts bring. */
export type BuildRoot = { readonly kind: "view"; readonly dir: string } | { readonly kind: "empty" };

/** A real file or directory, seen read-only at an absolute place inside. */
export interface BuildMount {
  readonly source: string;
  readonly target: string;
}

export interface BuildSandboxSpec {
  readonly root: BuildRoot;
  /** The closure of the inputs. Targets lie directly in /nix/store. */
  readonly storeMounts: readonly BuildMount[];
  /**
   * A real directory on the store's file system, seen as a writable /nix/store. Mount points of the inputs
   * are made in it, and stay; what is there besides, the builder made.
   */
  readonly chrootStoreDir: string;
  /** A real directory, seen as /build: where the builder starts. */
  readonly buildDir: string;
  /** Views of roots that launchers among the inputs enter: targets lie in /nix/var/copse/views. */
  readonly viewMounts?: readonly BuildMount[];
  /** Further directories, over what the root has at these places or below /copse. */
  readonly binds?: readonly (BuildMount & { readonly isWritable: boolean })[];
  readonly network: boolean;
  /** Exactly the builder's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly [string, ...string[]];
  /** Where the scratch directory is made; default: the system's temporary directory. */
  readonly scratchParent?: string;
}

export interface BuildSandboxIo {
  /** What the builder writes to its standard output and error, in order. */
  onOutput(chunk: Uint8Array): void;
  readonly signal?: AbortSignal;
}

export interface BuildSandboxResult {
  /** 128 + n when the builder died of signal n: process 1, a shell, tells it so. Null if all was killed. */
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** Runs one builder to its end. After it returns or throws, none of its processes is left. */
export async function runSandboxed(spec: BuildSandboxSpec, io: BuildSandboxIo): Promise<BuildSandboxResult> {
  io.signal?.throwIfAborted();
  const scratch = await mkdtemp(join(spec.scratchParent ?? tmpdir(), "copse-build-"));
  try {
    await layOutBuild(spec, scratch);
    return await runChain(chainArguments(spec, scratch), io);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

// A shell passes on only variables whose names it could have made itself, and has opinions about these.
const shellSafeName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const shellOwnNames = new Set([
  "IFS",
  "OPTIND",
  "PPID",
  "OLDPWD",
  "PS1",
  "PS2",
  "PS4",
  "_",
  "LINENO",
  "FUNCNAME",
]);

// Waits until the root is ready, then becomes the builder, with its output as its only descriptors.
const waitAndBecome =
  'echo >&4; read -r go <&6; [ "$go" = go ] || exit 125; echo started >&3; ' +
  "keep=$1; shift; cd /build; unset OLDPWD go; [ $keep = 1 ] || unset PWD; unset keep; " +
  'exec "$@" 2>&1 3>&- 4>&- 5>&- 6>&-';

function chainArguments(spec: BuildSandboxSpec, scratch: string): string[] {
  const unshare = [
    ...["--user", "--map-user=1000", "--map-group=100", "--keep-caps"],
    ...["--mount", "--pid", "--ipc", "--uts", ...(spec.network ? [] : ["--net"])],
    ...["--fork", "--kill-child=SIGKILL", "--mount-proc", "--"],
  ];
  const drop = ["setpriv", "--ambient-caps=-all", "--inh-caps=-all", "--no-new-privs", "--"];
  const odd = Object.keys(spec.env).filter((name) => !shellSafeName.test(name) || shellOwnNames.has(name));
  const become = ["/bin/sh", "-c", waitAndBecome, "sh", spec.env["PWD"] === undefined ? "0" : "1"];
  // What the shell would drop is set by env: inside, since only there it comes after the shell.
  const late = odd.length === 0 ? [] : ["/usr/bin/env", ...odd.map((name) => `${name}=${spec.env[name]}`)];
  const early = Object.entries(spec.env).filter(([name]) => !odd.includes(name));
  // unshare of util-linux 2.36 ignores these two signals while it waits, and so would the builder.
  return [
    ...["--pdeathsig", "KILL", "--", findHostProgram("unshare"), ...unshare],
    ...["/bin/sh", installedPath("src/sandbox/build.sh"), scratch, spec.network ? "1" : "0"],
    ...["env", "-i", "--default-signal=INT,TERM", ...early.map(([name, value]) => `${name}=${value}`)],
    ...[findHostProgram("setpriv"), ...drop.slice(1), ...become, ...late, ...spec.argv],
  ];
}

/**
 * Descriptors that this process was started with (a lock that the user's shell holds, a pipe of make's) and
 * that every child would inherit. They cannot be closed from here, so the chain gets them as `nullFd`.
 */
function coverInherited(stdio: (string | number)[], nullFd: number): (string | number)[] {
  const closesOnExec = 0o2000000;
  for (const name of readdirSync("/proc/self/fdinfo")) {
    const fd = Number(name);
    if (fd < stdio.length && stdio[fd] !== "ignore") continue;
    try {
      const flags = readFileSync(`/proc/self/fdinfo/${name}`, "latin1").match(/^flags:\s*([0-7]+)/m)?.[1];
      if ((Number.parseInt(flags ?? "0", 8) & closesOnExec) !== 0) continue;
    } catch {
      continue; // The descriptor by which the directory was read.
    }
    while (stdio.length <= fd) stdio.push("ignore");
    stdio[fd] = nullFd;
  }
  return stdio;
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

// Bounded: only our own tools write here, but a full pipe must not stop them.
function collect(stream: Readable): () => string {
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    if (text.length < 65536) text += chunk.toString("utf8");
  });
  return () => text;
}

/**
 * Kills process 1 of the namespace if there is one already: then unshare returns when the kernel has ended
 * everything in it. Killing unshare alone would work too (its child gets SIGKILL), but not be waited for.
 */
function killAll(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  let first = "";
  try {
    first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ")[0] ?? "";
  } catch {
    // The kernel may lack that file (it is optional), or the process may be gone.
  }
  try {
    process.kill(first === "" ? child.pid : Number(first), "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}
