/** The two tools as builders of derivations: each with a store of its own below a folder, and nothing of the caller's. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

export interface Builder {
  readonly name: string;
  /** The store's prefix. */
  readonly store: string;
  readonly env: NodeJS.ProcessEnv;
  /** The file of one of the programs that are called nix-…. */
  program(name: string): string;
  run(program: string, args: readonly string[]): Ran;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const REPOSITORY = resolve(import.meta.dirname, "../..");
const SETTINGS = [
  "build-users-group =",
  "substituters =",
  "experimental-features = nix-command",
  "max-jobs = 2",
];

/** Where C++ Nix's programs are: $COPSE_CPP_NIX, or what scripts/judge.sh brings. */
export function findJudge(): string {
  return execFileSync("sh", ["scripts/judge.sh"], { cwd: REPOSITORY, encoding: "utf8" }).trim();
}

/** `store` may be the other tool's. */
export function cppNixBuilder(folder: string, store: string): Builder {
  const judge = findJudge();
  const env = { ...environment(folder, "judge-home"), NIX_REMOTE: store };
  return builder("C++ Nix", store, env, (name) => join(judge, name));
}

export function copseBuilder(folder: string, store: string): Builder {
  const bin = join(folder, "copse-bin");
  mkdirSync(bin);
  for (const name of ["nix", "nix-build", "nix-store", "nix-instantiate", "nix-collect-garbage", "copse"])
    symlinkSync(join(REPOSITORY, "bin/copse"), join(bin, name));
  const env = { ...environment(folder, "copse-home"), COPSE_STORE: store };
  return builder("copse", store, env, (name) => join(bin, name));
}

function environment(folder: string, home: string): NodeJS.ProcessEnv {
  mkdirSync(join(folder, home));
  return {
    PATH: process.env["PATH"],
    HOME: join(folder, home),
    NIX_PATH: "",
    NIX_CONFIG: `${SETTINGS.join("\n")}\n`,
  };
}

function builder(
  name: string,
  store: string,
  env: NodeJS.ProcessEnv,
  program: (name: string) => string,
): Builder {
  return {
    name,
    store,
    env,
    program,
    run: (command, args) => {
      const { status, stdout, stderr, error } = spawnSync(program(command), args, {
        env,
        encoding: "utf8",
        maxBuffer: 1 << 28,
        stdio: ["ignore", "pipe", "pipe"],
      });
      if (error) throw error;
      return { status, stdout, stderr };
    },
  };
}

/** Every path's bytes against the database. C++ Nix is asked, whoever wrote the store. Returns what it complains of. */
export function verifyStore(judge: Builder, store: string): string[] {
  const { status, stderr } = spawnSync(
    judge.program("nix-store"),
    ["--store", store, "--verify", "--check-contents"],
    {
      env: judge.env,
      encoding: "utf8",
    },
  );
  const complaints = stderr
    .split("\n")
    .filter((line) => /error|warning: (?!the group)|missing|modified|corrupt/i.test(line));
  return status === 0 ? complaints : [`nix-store --verify ended with ${status}`, ...complaints];
}
