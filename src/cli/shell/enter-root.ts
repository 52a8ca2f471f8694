/**
 * Entering an environment that has a root: the process becomes the command (or shell), which then sees that root. Same
 * process id, same terminal, its own exit code and signals.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Environment, EnvironmentRoot } from "#build/warm";
import { cacheDirectory } from "#fetch/cache";
import {
  currentRoot,
  type EntryPlan,
  type EntrySpec,
  entryWay,
  type InsideNames,
  insidePath,
  neutraliseEnvironment,
  planEntry,
  prepareInsideNames,
  withHostFiles,
} from "#sandbox/entry";
import type { CommandLine, Option } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { NIX_PROGRAMS } from "../command-table.ts";
import { become } from "./become.ts";

export interface RootCall {
  readonly root: EnvironmentRoot;
  /** The caller's variables, and where the command starts. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly context: CommandContext;
  readonly pure: boolean;
  /** With `pure`, variables that are kept all the same. */
  readonly keep: readonly string[];
  readonly choices?: EntryChoices;
}

/** What a command line says of how a root is entered. */
export interface EntryChoices {
  /** With a layer over the root that is thrown away. */
  readonly isWritable: boolean;
  /** Programs that inside still mean the host's, beside those that environment and user name. */
  readonly hostPrograms: readonly string[];
}

export const ENTRY_CHOICES: readonly Option[] = [
  {
    names: ["--host"],
    values: ["NAME"],
    help: "inside, this program means the host's (sbatch, docker, ssh)",
  },
  { names: ["--writable"], help: "let /usr and /etc be written to; what is written is thrown away" },
];

export function entryChoices(line: CommandLine): EntryChoices {
  return {
    isWritable: line.has("--writable"),
    hostPrograms: line.all("--host").map(([name]) => name as string),
  };
}

const ROOT_PATH = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The variables that the environment sets. */
export function rootVariables(
  environment: Environment,
  variables: Readonly<Record<string, string>>,
  pure: boolean,
): Record<string, string> {
  return {
    ...variables,
    PATH: insidePath([...environment.path, ...ROOT_PATH], { withCopse: !pure }),
    IN_NIX_SHELL: pure ? "pure" : "impure",
    COPSE_DERIVATION: environment.drvPath,
  };
}

export interface RootCommand extends RootCall {
  readonly variables: Readonly<Record<string, string>>;
  readonly argv: readonly [string, ...string[]];
}

export async function enterRoot(environment: Pick<Environment, "store">, call: RootCommand): Promise<never> {
  return become(await planRoot(environment, call));
}

/** The process that stands in the root in the end. */
export async function planRoot(
  environment: Pick<Environment, "store">,
  call: RootCommand,
): Promise<EntryPlan> {
  const { root, context, pure, keep } = call;
  const inherited = neutraliseEnvironment(call.env, { pure, keep });
  const spec: EntrySpec = {
    viewDir: root.viewDir,
    store: environment.store,
    cwd: call.cwd,
    env: { ...withLocale(inherited, root.viewDir), ...call.variables },
    argv: call.argv,
    names: namesIn(call),
    isWritable: call.choices?.isWritable ?? false,
  };
  const way = currentRoot() === undefined ? entryWay(cacheDirectory(context.env)) : undefined;
  if (way !== undefined || currentRoot() !== undefined) {
    const env = withHostFiles(spec.env, root.viewDir);
    return planEntry({ ...spec, env, ...(way && { way }) });
  }
  const { planOtherwise } = await import("./enter-otherwise.ts");
  return await planOtherwise(spec, context);
}

/** An environment names programs by its variable `hostPrograms`, a user or a site by COPSE_HOST_PROGRAMS. */
function namesIn(call: RootCall & { readonly variables: Readonly<Record<string, string>> }): InsideNames {
  const { context, choices } = call;
  const words = [call.variables["hostPrograms"], context.env["COPSE_HOST_PROGRAMS"]];
  return prepareInsideNames({
    cacheDir: cacheDirectory(context.env),
    ownNames: ["copse", ...Object.keys(NIX_PROGRAMS), "nix"],
    hostPrograms: [
      ...words.flatMap((text) => text?.split(/\s+/) ?? []),
      ...(choices?.hostPrograms ?? []),
    ].filter(Boolean),
    path: context.env["PATH"] ?? "",
  });
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
