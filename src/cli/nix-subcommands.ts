/**
 * The subcommands of `nix`, for when we are called by that name. They differ from ours in what the arguments mean: an
 * argument is an installable, which with --file or --expr is an attribute path.
 */
import { CopseError } from "#base";
import type { CommandLine } from "./arguments.ts";
import type { Command } from "./command.ts";

const SUBCOMMANDS: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  build: () => import("./commands/build.ts"),
  eval: () => import("./commands/eval.ts"),
  log: () => import("./commands/log.ts"),
};

/** @throws CopseError `command-unknown`. */
export async function nixSubcommand(name: string): Promise<Command> {
  const load = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (!load) {
    throw new CopseError("command-unknown", `There is no such subcommand of nix here: \`${name}\``, {
      hint: `these exist: ${Object.keys(SUBCOMMANDS).join(", ")}; copse has more under its own name`,
    });
  }
  const { command } = await load();
  return {
    ...command,
    usage: "[OPTIONS] [ATTRIBUTE PATH...]",
    maxPositionals: Number.POSITIVE_INFINITY,
    async run(line, context) {
      let code = 0;
      for (const installable of line.positionals.length > 0 ? line.positionals : [""]) {
        code ||= await command.run(asAttribute(line, installable), context);
      }
      return code;
    },
  };
}

function asAttribute(line: CommandLine, installable: string): CommandLine {
  if (installable.startsWith("/nix/store/")) return { ...line, positionals: [installable] };
  if (line.value("--file") === undefined && line.value("--expr") === undefined) {
    throw new CopseError(
      "flake-unsupported",
      `Flakes are not part of this version: \`${installable || "."}\``,
      {
        hint: "name a file with --file or an expression with --expr; the argument is then an attribute path",
      },
    );
  }
  const value = (name: string): string | undefined => (name === "--attr" ? installable : line.value(name));
  return { ...line, value, positionals: [] };
}
