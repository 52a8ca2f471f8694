/** `copse kernel remove`: takes kernels that copse has installed away again. */
import { CopseError } from "#base";
import type { Command } from "../../command.ts";
import { kernelsFolder, PREFIX_OPTION, removeKernel } from "../../kernels/kernel-folder.ts";

export const command: Command = {
  name: "kernel remove",
  summary: "take kernels that copse has installed away again",
  usage: "[OPTIONS] NAME...",
  options: [PREFIX_OPTION],
  details:
    "Only kernels that copse has installed are removed. Their environments are collected by `copse gc` when nothing else keeps them.",
  async run(line, context) {
    if (line.positionals.length === 0)
      throw new CopseError("kernel-missing", "There is no kernel to remove", {
        hint: "copse kernel list shows them",
      });
    const folder = kernelsFolder(line, context);
    for (const name of line.positionals) context.output.line(removeKernel(folder, name).folder);
    return 0;
  },
};
