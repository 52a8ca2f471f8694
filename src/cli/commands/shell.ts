/** `copse shell`: an interactive shell in the environment of the folder. */
import type { Command } from "../command.ts";
import { ENTRY_OPTIONS, enterEnvironment } from "../enter.ts";
import { BUILD_OPTIONS, TARGET_OPTIONS } from "../options.ts";
import { ENVIRONMENT_OPTION } from "../project/project-target.ts";

export const command: Command = {
  name: "shell",
  summary: "start a shell in the environment",
  usage: "[OPTIONS] [FILE]",
  maxPositionals: 1,
  options: [...TARGET_OPTIONS, ENVIRONMENT_OPTION, ...BUILD_OPTIONS, ...ENTRY_OPTIONS],
  async run(line, context) {
    return await enterEnvironment(line, context, { kind: "shell", files: line.positionals });
  },
};
