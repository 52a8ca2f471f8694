/** `copse store view`: the merged trees of roots, which the programs of store paths enter. */
import type { Command } from "../../command.ts";
import { BUILD_OPTIONS } from "../../options.ts";
import { openSession } from "../../session.ts";
import { PATHS_OPTIONS, readPaths } from "../../store/store-path-arguments.ts";

export const command: Command = {
  name: "store view",
  summary: "make the views that the programs of store paths enter",
  usage: "[OPTIONS] INSTALLABLE...",
  options: [...PATHS_OPTIONS, ...BUILD_OPTIONS],
  details: `
Building makes them, too. A store that was copied may be without, and so may be one after a collection. Launchers
call this command by themselves where they find copse on PATH, or in the variable COPSE.`,
  async run(line, context) {
    await using session = openSession(line, context);
    await session.prepareLaunchers(readPaths(line, context, session));
    context.output.endProgress();
    return 0;
  },
};
