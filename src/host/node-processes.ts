/** Real processes. */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, existsSync, constants as fsConstants, statSync } from "node:fs";
import { constants } from "node:os";
import { isAbsolute, resolve } from "node:path";
import { fileError } from "./file-system.ts";
import {
  type CapturedRun,
  type Command,
  DEFAULT_MAX_OUTPUT_BYTES,
  type Environment,
  type Exit,
  outputTooLarge,
  type Processes,
  programMissing,
  type RunningProcess,
  type RunOptions,
} from "./processes.ts";

export const nodeProcesses: Processes = {
  get env() {
    return process.env;
  },
  get cwd() {
    return process.cwd();
  },
  run,
  spawn: start,
  find: findProgram,
  replace({ file, args, env }) {
    // Unset variables must not arrive as "undefined".
    const defined = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
    process.execve!(file, [file, ...args], defined as Record<string, string>);
    throw new Error(`execve returned: ${file}`);
  },
};

async function run(command: Command, options: RunOptions = {}): Promise<CapturedRun> {
  const { stdin, maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES } = options;
  const input = stdin === undefined ? "ignore" : "pipe";
  const child = launch(command, [input, pipeOr(options.stdout), pipeOr(options.stderr)]);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let isTooLarge = false;
  for (const [stream, chunks] of [[child.stdout, stdout] as const, [child.stderr, stderr] as const]) {
    let size = 0;
    stream?.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxOutputBytes) chunks.push(chunk);
      else {
        isTooLarge = true;
        child.kill("SIGKILL");
      }
    });
  }
  const exit = exitOf(child, command);
  // A program may end without reading all its input: that is its own affair.
  child.stdin?.on("error", () => {});
  child.stdin?.end(stdin);
  const result = { ...(await exit), stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
  if (isTooLarge) throw outputTooLarge(command.file, maxOutputBytes);
  return result;
}

async function start(command: Command): Promise<RunningProcess> {
  const child = launch(command, ["pipe", "pipe", "pipe"]);
  const exited = exitOf(child, command);
  // Whoever waits for `exited` meets its failure; nobody has to.
  exited.catch(() => {});
  child.stdin?.on("error", () => {});
  if (child.pid === undefined) {
    await exited;
    throw programMissing(command.file);
  }
  return {
    pid: child.pid,
    stdout: child.stdout!,
    stderr: child.stderr!,
    write: (bytes) =>
      new Promise((done, failed) => {
        child.stdin!.write(bytes, (error) => (error ? failed(error) : done()));
      }),
    endInput: () => void child.stdin!.end(),
    kill: (signal = "SIGTERM") => void child.kill(signal),
    exited,
  };
}

function launch(command: Command, stdio: ("pipe" | "inherit" | "ignore")[]): ChildProcess {
  command.signal?.throwIfAborted();
  const env = { ...(command.env ?? process.env) };
  return spawn(command.file, [...(command.args ?? [])], { cwd: command.cwd, env, stdio });
}

function exitOf(child: ChildProcess, command: Command): Promise<Exit> {
  const { signal } = command;
  const onAbort = () => void child.kill("SIGKILL");
  signal?.addEventListener("abort", onAbort, { once: true });
  return new Promise<Exit>((done, failed) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      failed(startError(command, error));
    });
    child.on("close", (code, endedBy) => {
      if (signal?.aborted) failed(signal.reason);
      else done({ exitCode: code ?? 128 + (constants.signals[endedBy!] ?? 0), signal: endedBy ?? undefined });
    });
  }).finally(() => signal?.removeEventListener("abort", onAbort));
}

function startError(command: Command, error: NodeJS.ErrnoException): unknown {
  const { file, cwd } = command;
  // The same errno names say that the directory to run it in is missing or closed.
  if (cwd !== undefined && !existsSync(cwd)) return fileError("ENOENT", cwd);
  // A search along PATH that met a closed directory ends in EACCES, found or not.
  const isMissing = error.code === "ENOENT" || (error.code === "EACCES" && !file.includes("/"));
  return isMissing ? programMissing(file, error) : fileError(error, file);
}

function pipeOr(target: "capture" | "inherit" | "ignore" | undefined): "pipe" | "inherit" | "ignore" {
  return target === undefined || target === "capture" ? "pipe" : target;
}

function findProgram(name: string, env: Environment = process.env): string | undefined {
  if (name.includes("/")) return isExecutable(resolve(name)) ? resolve(name) : undefined;
  for (const directory of (env["PATH"] ?? "").split(":")) {
    const path = `${directory}/${name}`;
    if (isAbsolute(directory) && isExecutable(path)) return path;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, fsConstants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Missing, or in a directory that is closed to us: either way it cannot be run.
    return false;
  }
}
