/** `nix-shell`: a shell, or with --run a command, in the environment of a derivation or of packages named with -p. */
import { existsSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { CopseError } from "#base";
import type { Target } from "#build/warm";
import { locateStore } from "#store/place";
import type { CommandLine } from "../arguments.ts";
import type { Command, CommandContext } from "../command.ts";
import { ENTRY_OPTIONS } from "../enter.ts";
import { derivationNamed, type NamedDerivation, NIX_TARGET_OPTIONS } from "../nix-target.ts";
import { BUILD_OPTIONS } from "../options.ts";
import { entryChoices } from "../shell/enter-root.ts";
import { enterShell, type ShellScript } from "../shell/enter-shell.ts";
import { environmentOfDerivation, environmentOfTarget } from "../shell/find-environment.ts";
import { expandShebang, IN_SCRIPT, interpreterScript } from "../shell/shebang.ts";
import { expressionFor, exprTarget, fileTarget } from "../target.ts";
import { usageError } from "../usage-error.ts";

export const command: Command = {
  name: "nix-shell",
  summary: "start a shell in an environment, as nix-shell does",
  usage: "[OPTIONS] [FILE | DERIVATION | -p PACKAGE...]",
  options: [
    ...NIX_TARGET_OPTIONS,
    ...BUILD_OPTIONS,
    ...ENTRY_OPTIONS,
    { names: ["--packages", "-p"], help: "the arguments are packages, as expressions over the package set" },
    { names: ["--run"], values: ["COMMAND"], help: "run this in the shell, then leave" },
    { names: ["--command"], values: ["COMMAND"], help: "run this in the interactive shell, then leave" },
    { names: ["--exclude"], values: ["REGEX"], help: "do not build inputs whose derivation's path matches" },
    { names: ["--interpreter", "-i"], values: ["COMMAND"], help: "in a script's own lines: what runs it" },
    {
      names: [IN_SCRIPT],
      values: ["SCRIPT"],
      takesRest: true,
      isHidden: true,
      help: "the script whose lines these words are, and its arguments",
    },
  ],
  details: `
As an interpreter:
  #! /usr/bin/env nix-shell
  #! nix-shell -i python3 -p python3 hello`,
  rewriteArguments: (args) => expandShebang(args) ?? args,
  async run(line, context) {
    if (line.has("--packages") && line.has("--expr"))
      throw usageError("'-p' and '-E' are mutually exclusive");
    const call = readCall(line, context);
    const exclude = line.all("--exclude").map(([pattern]) => pattern as string);
    const options = { findBash: !context.env["NIX_BUILD_SHELL"], ...(exclude.length > 0 && { exclude }) };
    const source = { line, context, options };
    const subject = readSubject(call);
    const environment =
      "drvPath" in subject
        ? await environmentOfDerivation(subject.drvPath, {
            ...source,
            target: packagesTarget(call, ["null"]),
          })
        : await environmentOfTarget(subject, source);
    const { cores } = context.settings;
    return enterShell(environment, {
      context,
      pure: line.has("--pure"),
      keep: line.all("--keep").map(([name]) => name as string),
      cores: cores || availableParallelism(),
      choices: entryChoices(line),
      script: readScript(call),
    });
  },
};

/** The command line, and the script that it stands in. */
interface Call {
  readonly line: CommandLine;
  readonly context: CommandContext;
  readonly script: { readonly path: string; readonly args: readonly string[] } | undefined;
  /** What files are relative to, and what expressions are. */
  readonly fileDir: string;
  readonly exprDir: string;
}

function readCall(line: CommandLine, context: CommandContext): Call {
  const [path, ...args] = line.all(IN_SCRIPT)[0] ?? [];
  if (path === undefined)
    return { line, context, script: undefined, fileDir: context.cwd, exprDir: context.cwd };
  const folder = dirname(resolve(context.cwd, path));
  const isRelative = context.settings["nix-shell-shebang-arguments-relative-to-script"];
  const exprDir = isRelative ? folder : context.cwd;
  return { line, context, script: { path, args }, fileDir: folder, exprDir };
}

function readSubject(call: Call): Target | NamedDerivation {
  const { line, context } = call;
  const { positionals } = line;
  if (line.has("--packages")) return packagesTarget(call, positionals);
  const attrPaths = line.all("--attr").map(([path]) => path as string);
  if (positionals.length > 1 || attrPaths.length > 1)
    throw usageError("nix-shell requires a single derivation");
  const [word] = positionals;
  const [attrPath = ""] = attrPaths;
  if (line.has("--expr")) {
    if (word === undefined) throw usageError("nix-shell requires a single derivation");
    return { ...exprTarget(word, { line, context, attrPath, baseDir: call.exprDir }), inNixShell: true };
  }
  const place = locateStore(context.env, { store: context.settings.store });
  const derivation = word === undefined ? undefined : derivationNamed(place, word, call.fileDir);
  if (derivation) return derivation;
  return { ...fileOrLookup(call, word, attrPath), inNixShell: true };
}

function fileOrLookup(call: Call, word: string | undefined, attrPath: string): Target {
  const { line, context } = call;
  const source = { line, context, attrPath, baseDir: call.exprDir };
  const expr = expressionFor(word);
  if (expr === undefined) return fileTarget(resolveFile(call, word), source);
  if (word === "-") return exprTarget(expr, source);
  // A folder of the search path: which of its files is meant, is decided as for any other folder.
  return exprTarget(lookupExpression(word as string, context), source);
}

/** What `<name>` means in nix-shell: of a folder its shell.nix, else its default.nix. */
function lookupExpression(word: string, { settings }: CommandContext): string {
  const prefersShell = settings["nix-shell-always-looks-for-shell-nix"];
  return `let
    place = ${word};
    isFolder = builtins.readFileType place == "directory";
    has = name: builtins.pathExists (place + "/\${name}");
    missing = throw "neither 'shell.nix' nor 'default.nix' found in '\${toString place}'";
  in import (
    if !isFolder then place
    else if ${prefersShell} && has "shell.nix" then place + "/shell.nix"
    else if has "default.nix" then place + "/default.nix"
    else missing)`;
}

/** @throws CopseError `target-missing`, `file-not-found`. */
function resolveFile({ context, fileDir }: Call, word: string | undefined): string {
  const place = resolve(fileDir, word ?? ".");
  const stats = statSync(place, { throwIfNoEntry: false });
  if (!stats) throw new CopseError("file-not-found", `path '${place}' does not exist`);
  if (!stats.isDirectory()) return place;
  const [shell, fallback] = ["shell.nix", "default.nix"].map((name) => join(place, name)) as [string, string];
  if (existsSync(shell)) {
    if (context.settings["nix-shell-always-looks-for-shell-nix"] || word === undefined) return shell;
    const setting = "nix-shell-always-looks-for-shell-nix";
    context.output.warning(
      `Skipping '${shell}', because the setting '${setting}' is disabled. This is a deprecated behavior. Consider enabling '${setting}'.`,
    );
  }
  if (existsSync(fallback)) return fallback;
  const message =
    word === undefined
      ? "no argument specified and no 'shell.nix' or 'default.nix' file found in the working directory"
      : `neither 'shell.nix' nor 'default.nix' found in '${place}'`;
  throw new CopseError("target-missing", message, { hint: "name a file, or packages with -p" });
}

/**
 * What `-p a b` means. Each word is an expression in the scope of the package set. In copse's own set an environment is
 * made by mkShell; any other set is asked as Nix asks it.
 */
function packagesTarget({ line, context, exprDir }: Call, packages: readonly string[]): Target {
  const words = packages.map((word) => `(${word})`).join(" ");
  const expr = `{ ... }@args: with import <nixpkgs> args;
    if pkgs ? debianTools then pkgs.mkShell { packages = [ ${words} ]; }
    else (pkgs.runCommandCC or pkgs.runCommand) "shell" { buildInputs = [ ${words} ]; } ""`;
  return { ...exprTarget(expr, { line, context, attrPath: "", baseDir: exprDir }), inNixShell: true };
}

function readScript({ line, script }: Call): ShellScript {
  const interpreter = script && line.value("--interpreter");
  if (interpreter !== undefined)
    return { text: interpreterScript(interpreter, script!.path, script!.args), isInteractive: false };
  const run = line.value("--run");
  if (run !== undefined) return { text: `${run}\nexit`, isInteractive: false };
  const command = line.value("--command");
  const { isatty } = process.getBuiltinModule("node:tty");
  return { text: command === undefined ? "" : `${command}\nexit`, isInteractive: isatty(0) && isatty(2) };
}
