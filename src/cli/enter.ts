/**
 * Entering an environment: from the record of an earlier evaluation where nothing has changed since, else by
 * evaluating and building first. In the end this process becomes the command (or shell): same process id, same
 * terminal, its own exit code and signals.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { CopseError } from "#base";
import { type Environment, openRecordStore } from "#build/warm";
import { cacheDirectory } from "#fetch/cache";
import { environmentRules, neutraliseEnvironment, planEntry } from "#sandbox/entry";
import { locateStore } from "#store/place";
import type { CommandLine, Option } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { hostSystem } from "./host-system.ts";
import { writeRcFile } from "./shell-rc.ts";
import { environmentDefaults, readTarget } from "./target.ts";

export const ENTRY_OPTIONS: readonly Option[] = [
  { names: ["--pure"], help: "keep only the few variables that a session needs" },
  { names: ["--keep"], values: ["NAME"], help: "with --pure, keep this variable too" },
];

export type Entry =
  | { readonly kind: "command"; readonly argv: readonly string[] }
  /** Interactive; with `script`, that runs in the shell instead, as `nix-shell --run` does. */
  | {
      readonly kind: "shell";
      readonly files: readonly string[];
      /** Instead of a file: packages, as expressions over the package set. */
      readonly packages?: readonly string[];
      readonly script?: string;
      readonly thenStay?: boolean;
    };

export async function enterEnvironment(
  line: CommandLine,
  context: CommandContext,
  entry: Entry,
): Promise<number> {
  const positionals = entry.kind === "shell" ? entry.files : [];
  const expr = entry.kind === "shell" && entry.packages ? packagesExpression(entry.packages) : undefined;
  const target = readTarget(line, context, {
    ...environmentDefaults,
    positionals,
    ...(expr !== undefined && { expr }),
  });
  const variable = (name: string): string => context.env[name] ?? "";
  const records = openRecordStore({ cacheDir: cacheDirectory(context.env), variable });
  const request = {
    target,
    storePrefix: locateStore(context.env).prefix,
    system: hostSystem(),
    frozen: line.has("--frozen"),
  };
  const environment = records.find(request) ?? (await makeEnvironment());
  return becomeCommand(environment, { line, context, entry });

  async function makeEnvironment(): Promise<Environment> {
    const { openSession } = await import("./session.ts");
    await using session = openSession(line, context);
    const made = await session.environment(target);
    if (made.reads) records.save(request, made.reads, made.environment);
    context.output.endProgress();
    return made.environment;
  }
}

/** What `nix-shell -p a b` evaluates. Each word is an expression in the scope of the package set. */
function packagesExpression(packages: readonly string[]): string {
  const words = packages.map((word) => `(${word})`).join(" ");
  return `with import <nixpkgs> { }; mkShell { packages = [ ${words} ]; }`;
}

interface EntryCall {
  readonly line: CommandLine;
  readonly context: CommandContext;
  readonly entry: Entry;
}

const ROOT_PATH = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];

function becomeCommand(environment: Environment, call: EntryCall): never {
  const { line, context } = call;
  const pure = line.has("--pure");
  const keep = line.all("--keep").map(([name]) => name as string);
  const inherited = neutraliseEnvironment(context.env, { pure, keep });
  const own: Record<string, string> = {
    ...environment.variables,
    PATH: [...environment.path, ...ROOT_PATH].join(":"),
    IN_NIX_SHELL: pure ? "pure" : "impure",
    COPSE_DERIVATION: environment.drvPath,
  };
  const env = { ...withLocale(inherited, environment.viewDir), ...own };
  const plan = planEntry({
    viewDir: environment.viewDir,
    store: environment.store,
    cwd: context.cwd,
    env,
    argv: commandOf(environment, { ...call, own }),
  });
  if (!process.execve) throw new CopseError("node-too-old", "This Node cannot become another program");
  process.execve(plan.file, plan.args, plan.env);
  throw new CopseError("launcher-failed", `The launcher could not be started: \`${plan.file}\``);
}

const LOCALE_VARIABLE = /^(LANG|LC_[A-Z]+)$/;

/** A locale of the host that the root does not have would only bring warnings: then it is C.UTF-8, which every root has. */
function withLocale(env: Readonly<Record<string, string>>, viewDir: string): Record<string, string> {
  if (existsSync(join(viewDir, "usr/lib/locale/locale-archive"))) return { ...env };
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) =>
      LOCALE_VARIABLE.test(name) && !/^(C|POSIX|C\.(UTF-8|utf8))?$/.test(value)
        ? [name, "C.UTF-8"]
        : [name, value],
    ),
  );
}

type Argv = readonly [string, ...string[]];

/** Says what is missing in our own words, not in bash's. */
const BECOME_ARGUMENTS = `command -v -- "$1" >/dev/null || {
  printf 'error[command-not-found]: There is no such command in the environment: \`%s\`\\n' "$1" >&2
  exit 127
}
exec -- "$@"`;

/** What runs in the shell before anything else: with a stdenv its functions, as in nix-shell, then the hook. */
function preparation(environment: Environment): string {
  const setup =
    environment.variables["stdenv"] === undefined ? "" : '[ -e "$stdenv/setup" ] && . "$stdenv/setup"';
  return [setup, environment.shellHook].filter((part) => part !== "").join("\n");
}

function commandOf(
  environment: Environment,
  call: EntryCall & { readonly own: Readonly<Record<string, string>> },
): Argv {
  const { entry, line, context, own } = call;
  const hook = preparation(environment);
  if (entry.kind === "command") {
    return hook === ""
      ? (entry.argv as Argv)
      : ["/bin/bash", "-c", `${hook}\n${BECOME_ARGUMENTS}`, "bash", ...entry.argv];
  }
  if (entry.script !== undefined && !entry.thenStay) return ["/bin/bash", "-c", `${hook}\n${entry.script}`];
  // Without a terminal, what comes in is a script, which bash prepares itself for by BASH_ENV.
  const interactive = process.getBuiltinModule("node:tty").isatty(0);
  const file = writeRcFile({
    interactive,
    cacheDir: cacheDirectory(context.env),
    pure: line.has("--pure"),
    env: own,
    unset: environmentRules.map((rule) => rule.name).filter((name) => !name.endsWith("*")),
    shellHook: hook,
    script: entry.script ?? "",
    promptName: context.programName === "nix-shell" ? "nix-shell" : environment.name,
  });
  return interactive
    ? ["/bin/bash", "--rcfile", file, "-i"]
    : ["/usr/bin/env", `BASH_ENV=${file}`, "/bin/bash", "--norc"];
}
