/** Help texts, made from the commands' own tables. */
import type { Option } from "./arguments.ts";
import type { Command } from "./command.ts";
import type { CommandTable } from "./command-table.ts";
import { COMMON_OPTIONS } from "./options.ts";

export async function overviewOf(table: CommandTable, programName: string): Promise<string> {
  return overview(await loadCommands(table), programName);
}

/** All commands of a table, by the names that it has for them. */
export async function loadCommands(table: CommandTable): Promise<Command[]> {
  return await Promise.all(
    Object.entries(table).map(async ([name, load]) => ({ ...(await load()).command, name })),
  );
}

/** In this order; a command that no group names stands among the others. */
const GROUPS: readonly { readonly title: string; readonly names: RegExp }[] = [
  {
    title: "a project (copse.toml)",
    names:
      /^(init|add|remove|update|outdated|tree|why|tasks|up|down|ps|logs|data add|import|export|eject|schema)$/,
  },
  { title: "environments", names: /^(shell|env shell|run|develop|print-dev-env|lock|fetch)$/ },
  { title: "building and evaluating", names: /^(build|eval|log)$/ },
  {
    title: "the store",
    names: /^(gc|optimise|repair|verify|path-info|why-depends|(store|derivation|nar|hash|key)( .*)?)$/,
  },
];

export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly Command[];
}

export function groupCommands(commands: readonly Command[]): CommandGroup[] {
  const groups = GROUPS.map(({ title, names }) => ({
    title,
    commands: commands.filter(({ name }) => names.test(name)),
  }));
  const others = commands.filter(({ name }) => !GROUPS.some(({ names }) => names.test(name)));
  return [...groups, { title: "others", commands: others }].filter(({ commands: found }) => found.length > 0);
}

function overview(commands: readonly Command[], programName: string): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const groups = groupCommands(commands).map(({ title, commands: members }) =>
    [
      `${title}:`,
      ...members.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
      "",
    ].join("\n"),
  );
  return [
    "copse: environments that grow back identical",
    "",
    `usage: ${programName} COMMAND [OPTIONS] [ARGUMENTS]`,
    "",
    ...groups,
    `\`${programName} COMMAND --help\` tells more. Called as nix-build, nix-shell, nix-instantiate or nix, it does what they do.`,
  ].join("\n");
}

/** Of the commands whose names begin with a word: `kernel`. Undefined where there are none, or the word is a command itself. */
export async function groupHelp(
  table: CommandTable,
  word: string,
  programName: string,
): Promise<string | undefined> {
  const members = Object.entries(table).filter(([name]) => name.startsWith(`${word} `));
  if (members.length === 0 || Object.hasOwn(table, word)) return undefined;
  const commands = await loadCommands(Object.fromEntries(members));
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `usage: ${programName} ${word} COMMAND [OPTIONS] [ARGUMENTS]`,
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    `\`${programName} ${word} COMMAND --help\` tells more.`,
  ].join("\n");
}

export function commandHelp(command: Command, programName: string): string {
  const options = shownOptions(command).map((option) => [spelling(option), option.help] as const);
  const width = Math.max(...options.map(([text]) => text.length));
  return [
    `usage: ${calledAs(command, programName)} ${command.usage}`,
    "",
    command.summary,
    "",
    ...options.map(([text, help]) => `  ${text.padEnd(width)}  ${help}`),
    ...(command.details ? ["", command.details.trim()] : []),
  ].join("\n");
}

/** What is typed to call it: `copse build`, `nix-build`. */
export function calledAs(command: Pick<Command, "name">, programName: string): string {
  return command.name === programName ? programName : `${programName} ${command.name}`;
}

/** The command's own options, then the shared ones. */
export function shownOptions(command: Command): readonly Option[] {
  return [...command.options, ...COMMON_OPTIONS].filter((option) => !option.isHidden);
}

export function spelling(option: Option): string {
  const [long, ...others] = option.names;
  const rest = option.takesRest ? ["..."] : [];
  return [...others, [long, ...(option.values ?? []), ...rest].join(" ")].join(", ");
}
