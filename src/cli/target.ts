/** What a command line says to evaluate. */
import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { CopseError } from "#base";
import type { Target } from "#build/warm";
import type { CommandLine } from "./arguments.ts";
import type { CommandContext } from "./command.ts";

/** The files that make a folder an environment, the first that exists counts. */
const ENVIRONMENT_FILES = ["shell.nix", "default.nix"] as const;

export interface TargetDefaults {
  /** Files to look for where none is named. */
  readonly files: readonly string[];
  /** The positional arguments that name files or attributes, as Nix's own programs take them. */
  readonly positionals?: readonly string[];
  /** The expression, where it is not the value of --expr. */
  readonly expr?: string;
}

export const environmentDefaults: TargetDefaults = { files: ENVIRONMENT_FILES };
export const buildDefaults: TargetDefaults = { files: ["default.nix", "shell.nix"] };

/** @throws CopseError `target-missing`, `target-ambiguous`, `file-not-found`. */
export function readTarget(line: CommandLine, context: CommandContext, defaults: TargetDefaults): Target {
  const expr = defaults.expr ?? line.value("--expr") ?? lookup(namedFile(line, defaults));
  const args = line.all("--arg").map(([name, text]) => ({ name: name as string, expr: text as string }));
  const strings = line
    .all("--argstr")
    .map(([name, text]) => ({ name: name as string, text: text as string }));
  const file = expr === undefined ? findFile(line, context, defaults) : undefined;
  return {
    ...(file === undefined ? { expr: expr ?? "" } : { file }),
    attrPath: line.value("--attr") ?? "",
    args: [...args, ...strings],
    searchPath: line.all("-I").map(([entry]) => entry as string),
    // Only expressions are relative to the current folder; a file answers alike from everywhere.
    baseDir: file !== undefined && args.length === 0 ? dirname(file) : context.cwd,
  };
}

/** What is named, in which of the ways there are: one at a time. */
function namedFile(line: CommandLine, defaults: TargetDefaults): string | undefined {
  const given = [line.value("--file"), defaults.positionals?.[0]].filter((name) => name !== undefined);
  const expr = defaults.expr === undefined ? line.value("--expr") : undefined;
  const [first, second] = expr === undefined ? given : [`--expr ${expr}`, ...given];
  if (second === undefined || defaults.expr !== undefined) return given[0];
  throw new CopseError("target-ambiguous", `There are two things to work on: \`${first}\` and \`${second}\``, {
    hint: "name one: a file, or an expression with --expr; attributes of it with -A",
  });
}

/** `<nixpkgs>` where a file is expected means what it means in the language. */
function lookup(named: string | undefined): string | undefined {
  return named?.startsWith("<") && named.endsWith(">") ? named : undefined;
}

function findFile(line: CommandLine, context: CommandContext, defaults: TargetDefaults): string {
  const named = namedFile(line, defaults);
  if (named !== undefined) {
    const file = resolve(context.cwd, named.replace(/^~(?=\/)/, homedir()));
    if (!existsSync(file)) throw new CopseError("file-not-found", `File does not exist: \`${named}\``);
    return statSync(file).isDirectory() ? join(file, "default.nix") : file;
  }
  const found = defaults.files.map((name) => join(context.cwd, name)).find((file) => existsSync(file));
  if (found) return found;
  throw new CopseError("target-missing", `There is nothing to work on in this folder: \`${context.cwd}\``, {
    hint: `it has none of ${defaults.files.join(", ")}; name a file with -f or an expression with --expr`,
  });
}
