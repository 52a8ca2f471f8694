/** `copse run`: a command in the environment of the folder. The process becomes the command. */
import type { Command } from "../command.ts";
import { ENTRY_OPTIONS, enterEnvironment } from "../enter.ts";
import { BUILD_OPTIONS, TARGET_OPTIONS } from "../options.ts";

export const command: Command = {
  name: "run",
  summary: "run a command in the environment",
  usage: "[OPTIONS] [--] COMMAND [ARGUMENT...]",
  options: [...TARGET_OPTIONS, ...BUILD_OPTIONS, ...ENTRY_OPTIONS],
  stopAtPositional: true,
  details: `
examples:
  copse run python3 analysis.py
  copse run -f examples/volume-report/shell.nix -- Rscript -e 'library(ggplot2)'`,
  async run(line, context) {
    const { CopseError } = await import("#base");
    if (line.positionals.length === 0) {
      throw new CopseError("command-missing", "There is no command to run", {
        hint: "copse run COMMAND, or copse shell",
      });
    }
    return await enterEnvironment(line, context, { kind: "command", argv: line.positionals });
  },
};
