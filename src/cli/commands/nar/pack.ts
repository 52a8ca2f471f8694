/** `copse nar pack`: a file tree as an archive (NAR). */
import type { Command } from "../../command.ts";
import { refuseTerminal } from "../../store/nar-output.ts";
import { packTree } from "../../trees/pack.ts";
import { usageError } from "../../usage-error.ts";

export const command = packing("nar pack");
/** The name of old. */
export const dumpPath = packing("nar dump-path");

function packing(name: string): Command {
  return {
    name,
    summary: "write the archive (NAR) of a file tree to the standard output",
    usage: "PATH",
    maxPositionals: 1,
    options: [],
    async run(line, context) {
      const [path] = line.positionals;
      if (path === undefined) throw usageError("a path is needed");
      refuseTerminal();
      if (name === "nar dump-path")
        context.output.warning("'nix nar dump-path' is a deprecated alias for 'nix nar pack'");
      for (const chunk of packTree(path, context)) context.output.raw(chunk);
      return 0;
    },
  };
}
