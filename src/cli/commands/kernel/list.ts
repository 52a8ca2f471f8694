/** `copse kernel list`: the kernels that copse has installed for a Jupyter. */
import type { Command } from "../../command.ts";
import { kernelsFolder, listInstalled, PREFIX_OPTION } from "../../kernels/kernel-folder.ts";

export const command: Command = {
  name: "kernel list",
  summary: "list the kernels that copse has installed for a Jupyter",
  usage: "[OPTIONS]",
  maxPositionals: 0,
  options: [PREFIX_OPTION, { names: ["--json"], help: "print them as JSON" }],
  async run(line, context) {
    const kernels = listInstalled(kernelsFolder(line, context));
    if (line.has("--json")) context.output.json(kernels);
    else
      for (const { name, displayName, origin, isThere } of kernels)
        context.output.line(
          `${name}  ${displayName}  ${origin.project}${isThere ? "" : "  (its environment is gone)"}`,
        );
    return 0;
  },
};
