/** `nix-shell`: a shell, or with --run a command, in the environment of a file or of packages named with -p. */
import type { Command } from "../command.ts";
import { ENTRY_OPTIONS, enterEnvironment } from "../enter.ts";
import { BUILD_OPTIONS, TARGET_OPTIONS } from "../options.ts";

export const command: Command = {
  name: "nix-shell",
  summary: "start a shell in an environment, as nix-shell does",
  usage: "[OPTIONS] [FILE | -p PACKAGE...]",
  options: [
    ...TARGET_OPTIONS,
    ...BUILD_OPTIONS,
    ...ENTRY_OPTIONS,
    { names: ["--packages", "-p"], help: "the arguments are packages, as expressions over the package set" },
    { names: ["--run"], values: ["COMMAND"], help: "run this in the shell, then leave" },
    { names: ["--command"], values: ["COMMAND"], help: "run this in the interactive shell first" },
  ],
  async run(line, context) {
    const run = line.value("--run");
    const command = line.value("--command");
    return await enterEnvironment(line, context, {
      kind: "shell",
      files: line.has("--packages") ? [] : line.positionals,
      ...(line.has("--packages") && { packages: line.positionals }),
      ...(run !== undefined && { script: run }),
      ...(run === undefined && command !== undefined && { script: command, thenStay: true }),
    });
  },
};
