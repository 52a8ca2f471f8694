/**
 * A builder on the machine's own paths, for builds without sandbox: it has its own session, its output goes to us, and
 * when it ends all that it has started ends too.
 *
 * As root that is the kernel's doing: the builder is in a process namespace of its own, whose first process takes all
 * others with it. Anyone else could have one only together with a user namespace, in which the machine's files would
 * seem to belong to nobody (ssh refuses to work then); there the builder's process group is killed, and after that
 * whatever still belongs to its session or carries its NIX_BUILD_TOP.
 */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { type ByteString, CopseError } from "#base";
import { findHostProgram, findProgram, hostToolPath } from "../host-programs.ts";
import { becomeBuilder } from "./become.ts";
import { coverInherited, killAll } from "./chain.ts";
import { findPerl, type Launch, launch } from "./launcher.ts";
import { personalityWords } from "./personality.ts";
import type { BuildSandboxIo, BuildSandboxResult, Starter } from "./spec.ts";
import { syscallFilter, syscallFilterWords } from "./syscall-filter.ts";

export interface InPlaceSpec {
  readonly env: Readonly<Record<ByteString, ByteString>>;
  readonly argv: readonly [ByteString, ...ByteString[]];
  /** A real directory, where the builder starts. No other build has it. */
  readonly directory: ByteString;
  readonly system: string;
  /** See syscall-filter.ts. */
  readonly filterSyscalls: boolean;
  /** Whom the builder runs as, instead of the caller, who is root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** What starts the builder; default: perl where there is one. */
  readonly starter?: Starter;
}

/** Runs one builder to its end. After it returns or throws, nothing that it started is left. */
export async function runInPlace(spec: InPlaceSpec, io: BuildSandboxIo): Promise<BuildSandboxResult> {
  io.signal?.throwIfAborted();
  const namespace = await namespaceWords();
  const endAll = (child: ChildProcess) =>
    namespace.length > 0 ? killAll(child) : killSession(child, spec.directory);
  const perl = spec.starter === "util-linux" ? undefined : findPerl();
  if (perl === undefined) return await runChain(spec, namespace, { io, endAll });
  // What the builder left behind may hold its output open.
  const options = { endAll, afterEnd: endAll };
  const { started, troubles, result } = await launch(
    perl,
    inPlaceLaunch(spec, namespace.length > 0),
    io,
    options,
  );
  if (!started) throw new CopseError("builder-start", `Cannot start a builder: \`${troubles.trim()}\``);
  return result;
}

/** nosuid, nodev, noexec. */
const PROC_FLAGS = "14";

function inPlaceLaunch(spec: InPlaceSpec, hasNamespaces: boolean): Launch {
  return {
    namespaces: hasNamespaces ? ["mounts", "processes"] : [],
    steps: hasNamespaces ? [["mount", "proc", "/proc", "proc", PROC_FLAGS, ""]] : [],
    env: spec.env,
    argv: spec.argv,
    directory: spec.directory,
    system: spec.system,
    filter: spec.filterSyscalls ? syscallFilter() : undefined,
    user: spec.user,
  };
}

interface Chain {
  readonly io: BuildSandboxIo;
  endAll(child: ChildProcess): void;
}

/** By util-linux's programs, one after the other. */
async function runChain(
  spec: InPlaceSpec,
  namespace: readonly string[],
  { io, endAll }: Chain,
): Promise<BuildSandboxResult> {
  const nullFd = openSync("/dev/null", "r");
  const child = spawn(findHostProgram("setpriv"), await chainWords(spec, namespace), {
    env: { PATH: hostToolPath, LC_ALL: "C" },
    cwd: "/",
    detached: true,
    stdio: coverInherited(["ignore", "pipe", "pipe"], nullFd) as StdioOptions,
  });
  closeSync(nullFd);
  for (const stream of [child.stdout, child.stderr] as Readable[]) {
    stream.on("data", (chunk: Buffer) => io.onOutput(chunk));
  }
  const onAbort = () => endAll(child);
  io.signal?.addEventListener("abort", onAbort, { once: true });
  return await new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new CopseError("builder-start", "Cannot start a builder", { cause })),
    );
    // What the builder left behind may hold the pipes open.
    child.once("exit", onAbort);
    child.once("close", (exitCode, signal) => {
      io.signal?.removeEventListener("abort", onAbort);
      if (io.signal?.aborted) reject(io.signal.reason);
      else resolve({ exitCode, signal });
    });
  });
}

/** As process 1 it reaps what builders leave behind, and ends everything when it ends. */
const FIRST_PROCESS = '"$@"; exit $?';

async function chainWords(spec: InPlaceSpec, namespace: readonly string[]): Promise<string[]> {
  const { user } = spec;
  const become = becomeBuilder(spec, {
    before: "",
    directory: spec.directory,
    redirections: "2>&1",
    hasEnv: true,
  });
  const asUser = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"] : [];
  return [
    ...["--pdeathsig", "KILL", "--", ...(await personalityWords(spec.system))],
    ...(namespace.length > 0 ? [...namespace, "/bin/sh", "-c", FIRST_PROCESS, "sh"] : []),
    ...(spec.filterSyscalls ? await syscallFilterWords() : []),
    ...[findHostProgram("env"), "-i", "--default-signal=INT,TERM", ...become.variables],
    // Changing the user makes the kernel forget the signal of the parent's death.
    ...[
      findHostProgram("setpriv"),
      "--no-new-privs",
      "--pdeathsig",
      "KILL",
      ...asUser,
      "--",
      ...become.words,
    ],
  ];
}

let namespaceMemo: Promise<readonly string[]> | undefined;

/** Words that give a command a process namespace. Empty where there is none to be had. */
function namespaceWords(): Promise<readonly string[]> {
  namespaceMemo ??= tryNamespace();
  return namespaceMemo;
}

async function tryNamespace(): Promise<readonly string[]> {
  const unshare = findProgram("unshare", hostToolPath);
  if (process.getuid?.() !== 0 || unshare === undefined) return [];
  const words = ["--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc", "--"];
  const child = spawn(unshare, [...words, "/bin/true"], { stdio: "ignore" });
  const code = await new Promise((resolve) => child.once("error", () => resolve(1)).once("close", resolve));
  return code === 0 ? [unshare, ...words] : [];
}

/** A process that forks as fast as it is killed does not go on for ever: it must win each of these times. */
const SWEEPS = 100;

function killSession(child: ChildProcess, directory: ByteString): void {
  if (child.pid === undefined) return;
  kill(-child.pid);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const left = processesOf(child.pid, directory);
    if (left.length === 0) return;
    for (const pid of left) kill(pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

/** Living processes of a session, or with the build's folder in their environment. */
function processesOf(session: number, directory: ByteString): number[] {
  const mark = `NIX_BUILD_TOP=${directory}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        // After the name, which is in parentheses: state, parent, group, session.
        const [state, , , itsSession] = readFileSync(`/proc/${name}/stat`, "latin1")
          .replace(/^.*\) /s, "")
          .split(" ");
        if (state === "Z" || state === "X") return false;
        return (
          Number(itsSession) === session || readFileSync(`/proc/${name}/environ`, "latin1").includes(mark)
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}
