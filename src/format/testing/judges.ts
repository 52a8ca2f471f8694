/**
 * For tests: the outside judges, which say what is right where our own code cannot be its own witness.
 * C++ Nix is looked for in the directory $COPSE_CPP_NIX and on the PATH, the others on the PATH.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface Judge {
  /** The program's file. */
  readonly path: string;
  /** The standard output of a run, or a plain Error with the standard error of one that failed. */
  run(args: readonly string[], input?: Uint8Array): Buffer;
}

/**
 * `reason` is for `test(..., { skip: reason })`: why the judge cannot be asked. `atLeast` is the version of C++ Nix, such
 * as `2.20`, from which on it does what is asked; Debian 12's, which the test suite brings, is 2.8.
 */
export function findJudge(
  program: string,
  options: { readonly atLeast?: string } = {},
):
  | { readonly judge: Judge; readonly reason: false }
  | { readonly judge: undefined; readonly reason: string } {
  const places = [process.env["COPSE_CPP_NIX"] ?? "", ...(process.env["PATH"] ?? "").split(delimiter)];
  const file = places
    .filter((place) => place !== "")
    .map((place) => join(place, program))
    .find(isExecutable);
  if (file === undefined) return { judge: undefined, reason: `${program} is not installed` };
  if (options.atLeast !== undefined && isOlder(versionOf(file), options.atLeast))
    return { judge: undefined, reason: `${program} is older than ${options.atLeast}` };
  return { judge: { path: file, run: (args, input) => runJudge(file, args, input) }, reason: false };
}

function versionOf(file: string): string {
  return /\d+\.\d+\S*\s*$/.exec(runJudge(file, ["--version"]).toString())?.[0] ?? "0.0";
}

function isOlder(version: string, atLeast: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = atLeast.split(".").map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function runJudge(file: string, args: readonly string[], input: Uint8Array = new Uint8Array()): Buffer {
  const result = spawnSync(file, args, { input, maxBuffer: 1 << 30 });
  if (result.status !== 0)
    throw new Error(`${file} ${args.join(" ")}: ${result.stderr?.toString() ?? result.error}`);
  return result.stdout;
}
