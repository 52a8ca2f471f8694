/** The two programs that are compared, each with a store of its own: `nix-instantiate` of C++ Nix and of copse. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

export type Answer =
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "error"; readonly message: string }
  /** It ended in a way that no input may bring about. */
  | { readonly kind: "fault"; readonly message: string };

export interface Evaluator {
  readonly name: string;
  /** The store's prefix: paths are below `nix/store` in it. */
  readonly store: string;
  /** The list `values` of a program, printed in full. */
  values(file: string, form: "nix" | "json"): Answer;
  /** The derivations in the list `derivations`, written to the store. */
  instantiate(file: string): Answer;
}

const REPOSITORY = resolve(import.meta.dirname, "../..");
const SETTINGS = "build-users-group =\nsandbox = false\nsubstituters =\n";

export function cppNix(directory: string, folder: string): Evaluator {
  const store = join(folder, "judge");
  const run = command(join(directory, "nix-instantiate"), ["--store", store], {
    ...environment(folder),
    NIX_CONFIG: SETTINGS,
  });
  return evaluator("C++ Nix", store, run, ["--read-write-mode"]);
}

export function copse(folder: string): Evaluator {
  const store = join(folder, "copse");
  const variables = {
    ...environment(folder),
    COPSE_STORE: store,
    NIX_CONFIG: SETTINGS,
    XDG_CACHE_HOME: join(folder, "cache"),
  };
  // bin/copse goes by the name that it is called by.
  const program = join(folder, "nix-instantiate");
  symlinkSync(join(REPOSITORY, "bin/copse"), program);
  const run = command(program, [], variables);
  return evaluator("copse", store, run, ["--read-write-mode"]);
}

function evaluator(
  name: string,
  store: string,
  run: (args: readonly string[]) => Answer,
  writing: readonly string[],
): Evaluator {
  mkdirSync(store);
  return {
    name,
    store,
    values: (file, form) =>
      run(["--eval", "--strict", ...writing, ...(form === "json" ? ["--json"] : []), file, "-A", "values"]),
    instantiate: (file) => run([file, "-A", "derivations"]),
  };
}

/** Nothing of the caller's configuration, which may name stores and servers. */
function environment(folder: string): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: folder, NIX_PATH: "", LC_ALL: "C", TZ: "UTC" };
}

function command(
  program: string,
  leading: readonly string[],
  env: NodeJS.ProcessEnv,
): (args: readonly string[]) => Answer {
  return (args) => {
    const { status, stdout, stderr, error } = spawnSync(program, [...leading, ...args], {
      env,
      encoding: "latin1",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (error) throw error;
    if (status === 0) return { kind: "value", text: stdout };
    if (status !== 1) return { kind: "fault", message: `exit code ${status}: ${stderr.slice(0, 2000)}` };
    return { kind: "error", message: errorLine(stderr) };
  };
}

/** The first line that says what went wrong, which is the last of C++ Nix's traces. */
export function errorLine(stderr: string): string {
  const after = stderr.split(/^ *error(?:\[[a-z0-9-]+\])?:/m).at(-1) ?? "";
  return (
    after
      .split("\n")
      .map((line) => line.trim())
      .find((line) => line !== "") ?? ""
  );
}
