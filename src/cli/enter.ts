/**
 * Entering the environment of a folder: `copse shell` and `copse run`. In the end this process becomes the command (or
 * shell): same process id, same terminal, its own exit code and signals.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CopseError } from "#base";
import type { Environment } from "#build/warm";
import { cacheDirectory } from "#fetch/cache";
import { environmentRules } from "#sandbox/entry";
import type { CommandLine, Option } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { ENTRY_CHOICES, enterRoot, entryChoices, rootVariables } from "./shell/enter-root.ts";
import { environmentOfTarget } from "./shell/find-environment.ts";
import { rcText } from "./shell/rc-text.ts";
import { environmentDefaults, readTarget } from "./target.ts";

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
  const target = readTarget(line, context, { ...environmentDefaults, positionals });
  const environment = await environmentOfTarget(target, { line, context });
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
  const pure = line.has("--pure");
  const variables = rootVariables(environment, environment.variables, pure);
  const keep = line.all("--keep").map(([name]) => name as string);
  const argv =
    entry.kind === "command"
      ? commandIn(environment, entry.argv)
      : shellIn(environment, { context, pure, variables });
  return await enterRoot(environment, {
    root,
    context,
    env: context.env,
    cwd: context.cwd,
    pure,
    keep,
    choices: entryChoices(line),
    variables,
    argv,
  });
}

type Argv = readonly [string, ...string[]];

/** Says what is missing in our own words, not in bash's. */
const BECOME_ARGUMENTS = `command -v -- "$1" >/dev/null || {
  printf 'error[command-not-found]: There is no such command in the environment: \`%s\`\\n' "$1" >&2
  exit 127
}
exec -- "$@"`;

/** Where there is something to prepare, a shell does that and becomes the command. */
function commandIn(environment: Environment, argv: readonly string[]): Argv {
  const setup =
    environment.variables["stdenv"] === undefined ? "" : '[ -e "$stdenv/setup" ] && . "$stdenv/setup"';
  const preparation = [setup, environment.shellHook].filter((part) => part !== "").join("\n");
  if (preparation === "") return argv as Argv;
  return ["/bin/bash", "-c", `${preparation}\n${BECOME_ARGUMENTS}`, "bash", ...argv];
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
