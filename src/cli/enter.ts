/**
 * Entering the environment of a folder: `copse shell` and `copse run`. In the end this process becomes the command (or
 * shell): same process id, same terminal, its own exit code and signals.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CopseError } from "#base";
import type { Environment } from "#build/warm";
import { cacheDirectory } from "#fetch/cache";
import { type EntryPlan, environmentRules } from "#sandbox/entry";
import type { CommandLine, Option } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { type ProjectTarget, readProjectTarget } from "./project/project-target.ts";
import { become } from "./shell/become.ts";
import { ENTRY_CHOICES, entryChoices, planRoot, rootVariables } from "./shell/enter-root.ts";
import { environmentOfTarget } from "./shell/find-environment.ts";
import { rcText } from "./shell/rc-text.ts";
import { environmentDefaults } from "./target.ts";

export const ENTRY_OPTIONS: readonly Option[] = [
  { names: ["--pure"], help: "keep only the few variables that a session needs" },
  { names: ["--keep"], values: ["NAME"], help: "with --pure, keep this variable too" },
  ...ENTRY_CHOICES,
];

export type Entry =
  | { readonly kind: "command"; readonly argv: readonly string[] }
  | { readonly kind: "shell"; readonly files: readonly string[] };

export async function enterEnvironment(
  line: CommandLine,
  context: CommandContext,
  entry: Entry,
): Promise<number> {
  const positionals = entry.kind === "shell" ? entry.files : [];
  const found = await readProjectTarget(line, context, { ...environmentDefaults, positionals });
  return await enterTarget(found, { line, context, entry });
}

export async function enterTarget(
  { target, project }: ProjectTarget,
  {
    line,
    context,
    entry,
  }: { readonly line: CommandLine; readonly context: CommandContext; readonly entry: Entry },
): Promise<number> {
  const environment = await environmentOfTarget(target, { line, context, project });
  const extra: Record<string, string> = project ? { COPSE_PROJECT: project.manifest.folder } : {};
  if (entry.kind === "command") {
    const argv = entry.argv as Argv;
    return become(
      await planCommand(environment, { line, context, argv, cwd: context.cwd, variables: extra }),
    );
  }
  const pure = line.has("--pure");
  const variables = { ...rootVariables(environment, environment.variables, pure), ...extra };
  const argv = shellIn(environment, { context, pure, variables });
  return become(await planIn(environment, { line, context, cwd: context.cwd, variables, argv }));
}

export interface CommandCall {
  readonly line: CommandLine;
  readonly context: CommandContext;
  readonly argv: Argv;
  /** Where the command starts. */
  readonly cwd: string;
  /** Beside those that the environment sets. */
  readonly variables: Readonly<Record<string, string>>;
}

/** How a command is started in an environment. @throws CopseError `environment-rootless`. */
export async function planCommand(environment: Environment, call: CommandCall): Promise<EntryPlan> {
  const pure = call.line.has("--pure");
  const variables = { ...rootVariables(environment, environment.variables, pure), ...call.variables };
  return await planIn(environment, { ...call, variables, argv: commandIn(environment, call.argv) });
}

async function planIn(environment: Environment, call: CommandCall): Promise<EntryPlan> {
  const { line, context } = call;
  const { root } = environment;
  if (!root) {
    throw new CopseError(
      "environment-rootless",
      `The derivation has no root to enter: \`${environment.name}\``,
      {
        hint: "environments are made by mkShell of copse's package set; nix-shell enters plain derivations too",
      },
    );
  }
  return await planRoot(environment, {
    root,
    context,
    env: context.env,
    cwd: call.cwd,
    pure: line.has("--pure"),
    keep: line.all("--keep").map(([name]) => name as string),
    choices: entryChoices(line),
    variables: call.variables,
    argv: call.argv,
  });
}

type Argv = readonly [string, ...string[]];

/** Says what is missing in our own words, not in bash's. */
const BECOME_ARGUMENTS = `command -v -- "$1" >/dev/null || {
  printf 'error[command-not-found]: There is no such command in the environment: \`%s\`\\n' "$1" >&2
  exit 127
}
exec -- "$@"`;

/**
 * Where there is something to prepare, a shell does that and becomes the command. Without its start-up files: where
 * standard input is a socket, as below an editor or ssh, bash takes itself to be started by rshd and reads ~/.bashrc.
 */
function commandIn(environment: Environment, argv: readonly string[]): Argv {
  const setup =
    environment.variables["stdenv"] === undefined ? "" : '[ -e "$stdenv/setup" ] && . "$stdenv/setup"';
  const preparation = [setup, environment.shellHook].filter((part) => part !== "").join("\n");
  if (preparation === "") return argv as Argv;
  return ["/bin/bash", "--norc", "-c", `${preparation}\n${BECOME_ARGUMENTS}`, "bash", ...argv];
}

/** Without a terminal, what comes in is a script, which bash prepares itself for by BASH_ENV. */
function shellIn(
  environment: Environment,
  call: {
    readonly context: CommandContext;
    readonly pure: boolean;
    readonly variables: Readonly<Record<string, string>>;
  },
): Argv {
  const { context, pure, variables } = call;
  const interactive = process.getBuiltinModule("node:tty").isatty(0);
  const text = rcText({
    inRoot: true,
    pure: pure || !interactive,
    folder: undefined,
    structured: undefined,
    env: variables,
    unset: rootUnset(),
    bash: undefined,
    promptName: environment.name,
    timeZone: context.env["TZ"],
    isRoot: process.getuid?.() === 0,
    script: "",
  });
  // The shell's own children must not prepare themselves again.
  const file = writeRcFile(cacheDirectory(context.env), interactive ? text : `unset BASH_ENV\n${text}`);
  return interactive
    ? ["/bin/bash", "--rcfile", file, "-i"]
    : ["/usr/bin/env", `BASH_ENV=${file}`, "/bin/bash", "--norc"];
}

/** Variables that must not be set in a root, whatever `.bashrc` does. */
export function rootUnset(): string[] {
  return environmentRules.map((rule) => rule.name).filter((name) => !name.endsWith("*"));
}

/** Writes the file, named by its contents, and gives its path. */
function writeRcFile(cacheDir: string, text: string): string {
  const dir = join(cacheDir, "shells");
  const { createHash } = process.getBuiltinModule("node:crypto");
  const file = join(dir, `${createHash("sha256").update(text).digest("hex").slice(0, 32)}.bash`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
