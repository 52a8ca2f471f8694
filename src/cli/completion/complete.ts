/**
 * What can stand in a word of a command line, asked by a shell: `NIX_GET_COMPLETIONS=N PROGRAM WORD...` prints how word
 * number N (the program is number 0) can go on, by the protocol of Nix. The first line says what kind of words these
 * are (`normal`, `filenames`, `attrs`), each further line is one of them, a tab, and what it means.
 *
 * A shell shows what it gets and nothing else, so whatever goes wrong here is silence.
 */
import type { Completion, Option } from "../arguments.ts";
import type { Command, CommandContext } from "../command.ts";
import { COPSE_COMMANDS, type CommandTable, NIX_COMMANDS, NIX_PROGRAMS } from "../command-table.ts";
import { COMMON_OPTIONS } from "../options.ts";
import { completeAttributes } from "./attributes.ts";
import { completeFiles } from "./files.ts";

export interface Completions {
  readonly kind: "normal" | "filenames" | "attrs";
  readonly words: readonly { readonly word: string; readonly meaning?: string }[];
}

const NOTHING: Completions = { kind: "normal", words: [] };

export function formatCompletions({ kind, words }: Completions): string {
  return [kind, ...words.map(({ word, meaning = "" }) => `${word}\t${meaning}`), ""].join("\n");
}

/** `args` are the words behind the program's name, `index` is the number of the one in question, from one. */
export async function complete(
  args: readonly string[],
  index: number,
  context: CommandContext,
): Promise<Completions> {
  const before = args.slice(0, index - 1);
  const current = args[index - 1] ?? "";
  const found = await findCompleted(context.programName, before);
  if (found.kind === "names") return namesFrom(found.table, found.words, current);
  const { command, rest } = found;
  const options = [...command.options, ...COMMON_OPTIONS].filter((option) => !option.isHidden);
  const state = readState(rest, options);
  const subject: Subject = { command, current, args, options, context };
  if (state.option) return await completeValue(state.option, state.values, subject);
  if (current.startsWith("-") && !state.onlyPositionals) return optionsFrom(options, current);
  return await completeKind(positionalKind(command, state.given), subject);
}

interface Subject {
  readonly command: Command;
  readonly current: string;
  readonly args: readonly string[];
  readonly options: readonly Option[];
  readonly context: CommandContext;
}

type FoundCommand =
  | { readonly kind: "command"; readonly command: Command; readonly rest: readonly string[] }
  | { readonly kind: "names"; readonly table: CommandTable; readonly words: readonly string[] };

async function findCompleted(programName: string, before: readonly string[]): Promise<FoundCommand> {
  const program = NIX_PROGRAMS[programName];
  if (program) {
    const { command } = await program();
    const selected = await command.select?.(before);
    return { kind: "command", command: selected?.command ?? command, rest: selected?.rest ?? before };
  }
  const table = programName === "nix" ? NIX_COMMANDS : COPSE_COMMANDS;
  for (const length of [3, 2, 1]) {
    const name = before.slice(0, length).join(" ");
    const load = before.length >= length && Object.hasOwn(table, name) ? table[name] : undefined;
    if (load) return { kind: "command", command: (await load()).command, rest: before.slice(length) };
  }
  return { kind: "names", table, words: before };
}

/** The next words of names that begin with these. */
function namesFrom(table: CommandTable, words: readonly string[], current: string): Completions {
  const start = words.map((word) => `${word} `).join("");
  const next = Object.keys(table)
    .filter((name) => name.startsWith(start + current))
    .map((name) => name.slice(start.length).split(" ")[0] as string);
  return plain([...new Set(next)].sort());
}

interface LineState {
  /** The option that still wants values, and those that it has. */
  readonly option: Option | undefined;
  readonly values: readonly string[];
  readonly onlyPositionals: boolean;
  /** Names of the options that are there, by their first spelling. */
  readonly given: ReadonlySet<string>;
}

function readState(rest: readonly string[], options: readonly Option[]): LineState {
  const byName = new Map(options.flatMap((option) => option.names.map((name) => [name, option] as const)));
  const given = new Set<string>();
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] as string;
    if (word === "--") return { option: undefined, values: [], onlyPositionals: true, given };
    const option = byName.get(word);
    if (!option) continue;
    given.add(option.names[0]);
    const wanted = option.takesRest ? Number.POSITIVE_INFINITY : (option.values?.length ?? 0);
    const values = rest.slice(i + 1, i + 1 + wanted);
    if (values.length < wanted) return { option, values, onlyPositionals: false, given };
    i += wanted;
  }
  return { option: undefined, values: [], onlyPositionals: false, given };
}

async function completeValue(
  option: Option,
  values: readonly string[],
  subject: Subject,
): Promise<Completions> {
  const { completes } = option;
  if (option.names[0] === "--option" && values.length === 0) return await settingsFrom(subject.current);
  if (option.takesRest) return await completeFiles(subject.current, subject.context);
  const isLast = values.length === (option.values?.length ?? 1) - 1;
  return isLast && completes !== undefined ? await completeKind(completes, subject) : NOTHING;
}

function positionalKind(command: Command, given: ReadonlySet<string>): Completion {
  const { completes = "file" } = command;
  if (completes !== "installable" && completes !== "attribute") return completes;
  return given.has("--file") || given.has("--expr") ? "attribute" : "file";
}

async function completeKind(kind: Completion, subject: Subject): Promise<Completions> {
  const { current, context } = subject;
  if (typeof kind !== "string") return plain(kind.filter((word) => word.startsWith(current)));
  switch (kind) {
    case "attribute":
      return await completeAttributes(subject);
    case "setting":
      return await settingsFrom(current);
    case "folder":
      return await completeFiles(current, context, { onlyFolders: true });
    default:
      return await completeFiles(current, context);
  }
}

function plain(words: readonly string[]): Completions {
  return { kind: "normal", words: words.map((word) => ({ word })) };
}

function optionsFrom(options: readonly Option[], current: string): Completions {
  const words = options.flatMap(({ names, help }) =>
    names.filter((name) => name.startsWith(current)).map((name) => ({ word: name, meaning: help })),
  );
  return { kind: "normal", words };
}

async function settingsFrom(current: string): Promise<Completions> {
  const { SETTINGS, hasEffect } = await import("#build/settings");
  const names = (Object.keys(SETTINGS) as (keyof typeof SETTINGS)[]).filter((name) =>
    name.startsWith(current),
  );
  return {
    kind: "normal",
    words: names.filter(hasEffect).map((name) => ({ word: name, meaning: SETTINGS[name].summary })),
  };
}
