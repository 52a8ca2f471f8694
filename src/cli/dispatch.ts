/** From a command line to a command, and from how that ends to an exit code. */
import { CopseError } from "#base";
import { type Option, readCommandLine } from "./arguments.ts";
import { Call } from "./call.ts";
import type { Command, CommandContext } from "./command.ts";
import {
  COPSE_COMMANDS,
  type CommandTable,
  findCommand,
  NIX_COMMANDS,
  NIX_PROGRAMS,
} from "./command-table.ts";
import { exitStatus } from "./exit-status.ts";
import { adoptStoreDir } from "./store-dir-of-call.ts";

export async function main(programName: string, args: readonly string[]): Promise<number> {
  adoptStoreDir(args, process.env);
  const call = new Call(programName);
  const asked = process.env["NIX_GET_COMPLETIONS"];
  if (asked !== undefined) {
    const { answerCompletion } = await import("./completion/mod.ts");
    return await answerCompletion(call, args, asked);
  }
  try {
    return await dispatch(args, call);
  } catch (error) {
    call.output.error(error);
    return exitStatus(error, call.programName);
  } finally {
    call.output.endProgress();
  }
}

async function dispatch(args: readonly string[], call: Call): Promise<number> {
  const program = NIX_PROGRAMS[call.programName];
  const { versionText } = await isVersionAsked(args, program !== undefined);
  if (versionText) {
    call.output.line(await versionText(call, args));
    return 0;
  }
  if (program) {
    const { command } = await program();
    const found = (await command.select?.(args)) ?? { command, rest: args };
    return await runCommand(found.command, found.rest, call);
  }
  if (call.programName.startsWith("nix-")) {
    throw new CopseError(
      "program-unknown",
      `This program of Nix's is not part of this version: \`${call.programName}\``,
      { hint: `programs that are: ${Object.keys(NIX_PROGRAMS).join(", ")}` },
    );
  }
  const { leading, words } = await splitLeadingOptions(args);
  const table = call.programName === "nix" ? NIX_COMMANDS : COPSE_COMMANDS;
  const wantsHelp = words[0] === undefined || words[0] === "help" || args[0] === "--help" || args[0] === "-h";
  if (wantsHelp) {
    const asked = words[0] === "help" ? words.slice(1) : [];
    call.output.line(await helpFor(asked, table, call.programName));
    return 0;
  }
  const [first = "", second] = words;
  if (second === "--help" || second === "-h") {
    call.output.line(await helpFor([first], table, call.programName));
    return 0;
  }
  const { command, rest } = await findCommand(table, words, call.programName);
  return await runCommand(command, [...leading, ...rest], call);
}

async function helpFor(asked: readonly string[], table: CommandTable, programName: string): Promise<string> {
  const { overviewOf, commandHelp, groupHelp } = await import("./help.ts");
  const [word] = asked;
  if (word === undefined) return await overviewOf(table, programName);
  const group = asked.length === 1 ? await groupHelp(table, word, programName) : undefined;
  return group ?? commandHelp((await findCommand(table, asked, programName)).command, programName);
}

async function runCommand(command: Command, given: readonly string[], call: Call): Promise<number> {
  const args = command.rewriteArguments?.(given) ?? given;
  const { COMMON_OPTIONS } = await import("./options.ts");
  const own = new Set(command.options.flatMap((option) => option.names));
  const shared = COMMON_OPTIONS.flatMap((option) => withoutNames(option, own));
  const options: readonly Option[] = [...command.options, ...shared];
  const { stopAtPositional = false, maxPositionals = Number.POSITIVE_INFINITY } = command;
  const settings = await settingOptions(args, options);
  const line = readCommandLine(args, {
    options: [...options, ...settings],
    stopAtPositional,
    maxPositionals,
  });
  if (line.has("--help")) {
    const { commandHelp } = await import("./help.ts");
    call.output.line(commandHelp(command, call.programName));
    return 0;
  }
  call.take(line);
  return await command.run(line, call);
}

/** A command's own spelling wins over a shared one: `-q` of nix-store is a query. */
function withoutNames(option: Option, taken: ReadonlySet<string>): Option[] {
  const [first, ...rest] = option.names.filter((name) => !taken.has(name));
  return first === undefined ? [] : [{ ...option, names: [first, ...rest] }];
}

/** Every setting is an option too; the table is loaded only where one is used. */
async function settingOptions(
  args: readonly string[],
  options: readonly Option[],
): Promise<readonly Option[]> {
  const known = new Set(options.flatMap((option) => option.names));
  if (args.every((arg) => !arg.startsWith("--") || arg === "--" || known.has(arg))) return [];
  const { optionsOfSettings } = await import("./setting-options.ts");
  return optionsOfSettings(known);
}

/** `nix --option a b store gc`: options may come before the name of the command. */
async function splitLeadingOptions(
  args: readonly string[],
): Promise<{ leading: readonly string[]; words: readonly string[] }> {
  if (!args[0]?.startsWith("-")) return { leading: [], words: args };
  const { COMMON_OPTIONS } = await import("./options.ts");
  const options = [...COMMON_OPTIONS, ...(await settingOptions(args, COMMON_OPTIONS))];
  const valuesOf = new Map(
    options.flatMap((option) => option.names.map((name) => [name, option.values?.length ?? 0] as const)),
  );
  let end = 0;
  while (args[end]?.startsWith("-")) end += 1 + (valuesOf.get(args[end] as string) ?? 0);
  return { leading: args.slice(0, end), words: args.slice(end) };
}

async function isVersionAsked(
  args: readonly string[],
  isNixProgram: boolean,
): Promise<{ versionText?: (context: CommandContext, args: readonly string[]) => Promise<string> }> {
  const leading = args.slice(0, args.findIndex((arg) => !arg.startsWith("-")) >>> 0);
  const isAsked = leading.includes("--version") || (!isNixProgram && args[0] === "version");
  return isAsked ? await import("./version.ts") : {};
}
