/** `nix-store --dump`: a file tree as an archive (NAR) on the standard output. */
import type { Command } from "../../command.ts";
import { packTree } from "../../trees/pack.ts";
import { onlyArgument } from "./operation.ts";

export const command: Command = {
  name: "--dump",
  summary: "write the archive (NAR) of a path to the standard output",
  usage: "PATH",
  options: [],
  async run(line, context) {
    for (const chunk of packTree(onlyArgument(line), context)) context.output.raw(chunk);
    return 0;
  },
};
