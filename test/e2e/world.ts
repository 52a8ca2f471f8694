/**
 * Where the end-to-end tests live: whole commands, run as a user runs them, in a home and a store of their own.
 *
 * All test files of one run share that store, so that the environment in `fixture/` is downloaded and unpacked
 * once; several processes at work in one store is what users do, too. The first file that needs it makes the
 * world's folder, named by the test runner's process, and leaves a small janitor that waits for the runner to end and
 * removes the folder. Nothing is kept between runs: what an older copse made must not hide what this one gets wrong.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
export const FIXTURE = fileURLToPath(new URL("fixture", import.meta.url));
export const COPSE = join(CHECKOUT, "bin/copse");

/** Under `node --test` each file is a process of its own, and the runner is the parent of all. */
const RUNNER = process.env["NODE_TEST_CONTEXT"] === undefined ? process.pid : process.ppid;

/** Variables of this machine, such as a proxy, stay; those that would change what copse does go. */
const CLEARED =
  /^(NODE_|COPSE_|NIX_|IN_NIX_SHELL$|XDG_|PYTHON|LD_LIBRARY_PATH$|CONDA_|VIRTUAL_ENV$|NO_COLOR$|BASH_ENV$|ENV$)/;

const COMMAND_TIMEOUT_MS = 300_000;

export interface World {
  readonly home: string;
  /** What COPSE_STORE says; the store's paths lie below `nix/store` there. */
  readonly store: string;
  readonly projects: string;
}

function openWorld(): World {
  const folder = join(tmpdir(), `copse-e2e-${RUNNER}`);
  const world = {
    home: join(folder, "home"),
    store: join(folder, "store"),
    projects: join(folder, "projects"),
  };
  try {
    mkdirSync(folder);
    leaveJanitor(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  for (const path of Object.values(world)) mkdirSync(path, { recursive: true });
  return world;
}

/** Folders in a store are read-only, which keeps anybody but root from removing what is in them. */
function leaveJanitor(folder: string): void {
  const script = 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; chmod -R u+w "$2"; rm -rf "$2"';
  spawn("/bin/sh", ["-c", script, "sh", String(RUNNER), folder], { detached: true, stdio: "ignore" }).unref();
}

export const world = openWorld();

/** A folder of its own for one test: empty, or a copy of the fixture. */
export function project(contents: "empty" | "fixture" = "empty"): string {
  const folder = mkdtempSync(join(world.projects, "p-"));
  if (contents === "fixture") cpSync(FIXTURE, folder, { recursive: true });
  return folder;
}

/** Files by name, into a folder. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

export interface CallOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** The name that copse is called by, such as `nix-build`. */
  readonly as?: string;
  /** Called whenever something was printed, with all of it so far. */
  readonly watch?: (printed: { readonly stdout: string; readonly stderr: string }, pid: number) => void;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly pid: number;
}

/** The environment of every call. */
export function callerEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !CLEARED.test(name));
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    HOME: world.home,
    COPSE_STORE: world.store,
  };
}

export async function copse(args: readonly string[], options: CallOptions = {}): Promise<Outcome> {
  const child = spawn(programCalled(options.as), args, {
    cwd: options.cwd ?? FIXTURE,
    env: { ...callerEnvironment(), ...options.env },
    stdio: "pipe",
    timeout: COMMAND_TIMEOUT_MS,
  });
  const pid = child.pid as number;
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    options.watch?.({ stdout, stderr }, pid);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    options.watch?.({ stdout, stderr }, pid);
  });
  // A command that ends without reading what it is given is no failure of the test.
  child.stdin.on("error", () => {}).end(options.input ?? "");
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr, pid }));
  });
}

/** Standard output of a command that must succeed. */
export async function output(args: readonly string[], options: CallOptions = {}): Promise<string> {
  const outcome = await copse(args, options);
  assert.equal(outcome.code, 0, `copse ${args.join(" ")}: ${outcome.signal ?? ""}\n${outcome.stderr}`);
  return outcome.stdout;
}

/** Standard error of a command that must fail with this code. */
export async function failure(
  args: readonly string[],
  options: CallOptions & { readonly code?: number } = {},
): Promise<string> {
  const outcome = await copse(args, options);
  assert.equal(
    outcome.code,
    options.code ?? 1,
    `copse ${args.join(" ")}\n${outcome.stdout}${outcome.stderr}`,
  );
  return outcome.stderr;
}

/** A link of that name to copse, which decides by it whose arguments it is given. */
function programCalled(name: string | undefined): string {
  if (name === undefined) return COPSE;
  const link = join(mkdtempSync(join(world.projects, "bin-")), name);
  symlinkSync(COPSE, link);
  return link;
}

/** Where a store path really lies. */
export function realPath(storePath: string): string {
  return join(world.store, storePath.trim());
}

/** A `watch` that sends a signal once, as soon as this was printed. */
export function signalAt(pattern: RegExp, signal: NodeJS.Signals): NonNullable<CallOptions["watch"]> {
  let sent = false;
  return ({ stdout, stderr }, pid) => {
    if (sent || !pattern.test(`${stdout}${stderr}`)) return;
    sent = true;
    process.kill(pid, signal);
  };
}

/** Makes the fixture's environment ready, whichever test file comes first. */
export async function prepareFixture(): Promise<void> {
  await output(["run", "--frozen", "--", "true"]);
}
