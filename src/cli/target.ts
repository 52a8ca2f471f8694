/**
 * What a command line says to evaluate: a file, an expression, or what comes in; with arguments and attributes of it.
 */
import { existsSync, readFileSync, type Stats, statSync } from "node:fs";
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
  const expr = defaults.expr ?? line.value("--expr") ?? expressionFor(named);
  const attrPath = line.value("--attr") ?? "";
  if (expr !== undefined) return exprTarget(expr, { line, context, attrPath });
  return fileTarget(findFile(named, context, defaults), { line, context, attrPath });
}

export interface TargetSource {
  readonly line: CommandLine;
  readonly context: CommandContext;
  readonly attrPath: string;
  /** What relative paths in arguments are relative to. Default: the current folder. */
  readonly baseDir?: string;
}

/** `file` is absolute. */
export function fileTarget(file: string, source: TargetSource): Target {
  const shared = sharedParts(source);
  // Only expressions are relative to the current folder; a file answers alike from everywhere.
  const isRelative = shared.args.some((arg) => "expr" in arg);
  const baseDir = isRelative ? (source.baseDir ?? source.context.cwd) : dirname(file);
  return { file, ...shared, baseDir };
}

export function exprTarget(expr: string, source: TargetSource): Target {
  return { expr, ...sharedParts(source), baseDir: source.baseDir ?? source.context.cwd };
}

function sharedParts({
  line,
  context,
  attrPath,
}: TargetSource): Pick<Target, "attrPath" | "args" | "searchPath"> {
  return { attrPath, args: topLevelArguments(line), searchPath: searchPath(line, context) };
}

/** The last one given by a name counts. */
function topLevelArguments(line: CommandLine): Target["args"] {
  const args = new Map<string, Target["args"][number]>();
  for (const [name = "", expr = ""] of line.all("--arg")) args.set(name, { name, expr });
  for (const [name = "", text = ""] of line.all("--argstr")) args.set(name, { name, text });
  for (const [name = "", path = ""] of line.all("--arg-from-file"))
    args.set(name, { name, text: readFileSync(path, "utf8") });
  for (const [name = ""] of line.all("--arg-from-stdin")) args.set(name, { name, text: readStdin() });
  return [...args.values()];
}

/** `-I`, then `nix-path`. Relative entries are relative to the current folder, wherever the file lies. */
function searchPath(line: CommandLine, context: CommandContext): string[] {
  const given = line.all("-I").map(([entry]) => entry as string);
  return [...given, ...context.settings["nix-path"]].map((entry) => absoluteEntry(entry, context.cwd));
}

const ADDRESS = /^(?:[a-z0-9+]+:\/\/|channel:|flake:)/;

function absoluteEntry(entry: string, cwd: string): string {
  const [, name = "", place = ""] = /^([^=/]*=)?(.*)$/s.exec(entry) ?? [];
  return name + (ADDRESS.test(place) ? place : resolve(cwd, place));
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

/** `<nixpkgs>` where a file is expected is one from the search path; `-` is what comes in. */
export function expressionFor(named: string | undefined): string | undefined {
  if (named === "-") return readStdin();
  return named !== undefined && /^<[^<>]+>$/.test(named) ? `import ${named}` : undefined;
}

/** All that comes in, once. */
export function readStdin(): string {
  return readFileSync(0, "utf8");
}

/** The file that is meant: in a folder the first of the defaults that is there. */
export function findFile(
  named: string | undefined,
  context: CommandContext,
  defaults: Pick<TargetDefaults, "files"> & {
    /** What is not there is given as it is named: evaluation will say what is wrong with it. */
    readonly mayBeMissing?: boolean;
  },
): string {
  const place = resolve(context.cwd, named?.replace(/^~(?=\/)/, homedir()) ?? ".");
  const stats = statOf(place);
  if (!stats && defaults.mayBeMissing) return place;
  if (!stats) throw new CopseError("file-not-found", `File does not exist: \`${named}\``);
  if (!stats.isDirectory()) return place;
  const found = defaults.files.map((name) => join(place, name)).find((file) => existsSync(file));
  if (found) return found;
  if (defaults.mayBeMissing) return place;
  throw new CopseError("target-missing", `There is nothing to work on in this folder: \`${place}\``, {
    hint: `it has none of ${defaults.files.join(", ")}; name a file with -f or an expression with --expr`,
  });
}

/** @throws CopseError `file-unreadable` for what is there but cannot be looked at, such as links in a circle. */
function statOf(place: string): Stats | undefined {
  try {
    return statSync(place, { throwIfNoEntry: false });
  } catch (cause) {
    throw new CopseError("file-unreadable", `File cannot be read: \`${place}\``, { cause });
  }
}
