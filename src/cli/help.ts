/** Help texts, made from the commands' own tables. */
import type { Option } from "./arguments.ts";
import type { Command } from "./command.ts";

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    "copse: environments that grow back identical",
    "",
    "usage: copse COMMAND [OPTIONS] [ARGUMENTS]",
    "",
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    "",
    "`copse COMMAND --help` tells more. Called as nix-build, nix-shell, nix-instantiate or nix, it does what they do.",
  ].join("\n");
}

export function commandHelp(command: Command, shared: readonly Option[], programName: string): string {
  const called = command.name === programName ? programName : `${programName} ${command.name}`;
  const options = [...command.options, ...shared].map((option) => [spelling(option), option.help] as const);
  const width = Math.max(...options.map(([text]) => text.length));
  return [
    `usage: ${called} ${command.usage}`,
    "",
    command.summary,
    "",
    ...options.map(([text, help]) => `  ${text.padEnd(width)}  ${help}`),
    ...(command.details ? ["", command.details.trim()] : []),
  ].join("\n");
}

function spelling(option: Option): string {
  const [long, ...short] = option.names;
  return [...short, [long, ...(option.values ?? [])].join(" ")].join(", ");
}
