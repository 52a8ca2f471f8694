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
  const named = namedFile(line, defaults);
  const expr = defaults.expr ?? line.value("--expr") ?? lookup(named);
  const args = line.all("--arg").map(([name, text]) => ({ name: name as string, expr: text as string }));
  const strings = line
    .all("--argstr")
    .map(([name, text]) => ({ name: name as string, text: text as string }));
  const file = expr === undefined ? findFile(named, context, defaults) : undefined;
  return {
    ...(file === undefined ? { expr: expr ?? "" } : { file }),
    attrPath: line.value("--attr") ?? "",
    args: [...args, ...strings],
    searchPath: line.all("-I").map(([entry]) => absoluteEntry(entry as string, context.cwd)),
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
  throw new CopseError(
    "target-ambiguous",
    `There are two things to work on: \`${first}\` and \`${second}\``,
    {
      hint: "name one: a file, or an expression with --expr; attributes of it with -A",
    },
  );
}

/** `<nixpkgs>` where a file is expected: one from the search path. */
function lookup(named: string | undefined): string | undefined {
  return named !== undefined && /^<[^<>]+>$/.test(named) ? `import ${named}` : undefined;
}

/** Relative to the current folder: the file that is evaluated may lie elsewhere. */
function absoluteEntry(entry: string, cwd: string): string {
  const [, name = "", path = ""] = /^([^=/]+=)?(.*)$/s.exec(entry) ?? [];
  return path.includes("://") ? entry : name + resolve(cwd, path);
}

function findFile(named: string | undefined, context: CommandContext, defaults: TargetDefaults): string {
  const place = resolve(context.cwd, named?.replace(/^~(?=\/)/, homedir()) ?? ".");
  if (!existsSync(place)) throw new CopseError("file-not-found", `File does not exist: \`${named}\``);
  if (!statSync(place).isDirectory()) return place;
  const found = defaults.files.map((name) => join(place, name)).find((file) => existsSync(file));
  if (found) return found;
  throw new CopseError("target-missing", `There is nothing to work on in this folder: \`${place}\``, {
    hint: `it has none of ${defaults.files.join(", ")}; name a file with -f or an expression with --expr`,
  });
}
