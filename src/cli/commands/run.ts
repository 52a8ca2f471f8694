/** `copse run`: a task or a command in the environment of the folder. The process becomes the command. */
import type { Command } from "../command.ts";
import { ENTRY_OPTIONS, enterTarget } from "../enter.ts";
import { BUILD_OPTIONS, TARGET_OPTIONS } from "../options.ts";
import { ENVIRONMENT_OPTION, readProjectTarget } from "../project/project-target.ts";
import { environmentDefaults } from "../target.ts";

export const command: Command = {
  name: "run",
  summary: "run a task or a command in the environment",
  usage: "[OPTIONS] [--] TASK-OR-COMMAND [ARGUMENT...]",
  options: [...TARGET_OPTIONS, ENVIRONMENT_OPTION, ...BUILD_OPTIONS, ...ENTRY_OPTIONS],
  stopAtPositional: true,
  details: `
A name below [tasks] of copse.toml is that task; any other is a program of the environment.

examples:
  copse run train --epochs 3
  copse run python3 analysis.py
  copse run -f examples/volume-report/shell.nix -- Rscript -e 'library(ggplot2)'`,
  async run(line, context) {
    const { CopseError } = await import("#base");
    if (line.positionals.length === 0) {
      throw new CopseError("command-missing", "There is no command to run", {
        hint: "copse run COMMAND, or copse shell",
      });
    }
    const found = await readProjectTarget(line, context, environmentDefaults);
    const [name = "", ...args] = line.positionals;
    const { project } = found;
    if (project?.manifest.data.tasks?.has(name)) {
      const { runTask } = await import("../project/run-task.ts");
      return await runTask({ project, name, args, line, context });
    }
    return await enterTarget(found, { line, context, entry: { kind: "command", argv: line.positionals } });
  },
};
