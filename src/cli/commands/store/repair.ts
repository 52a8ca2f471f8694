/** `copse repair`: makes damaged store paths anew. */
import type { Command } from "../../command.ts";
import { BUILD_OPTIONS } from "../../options.ts";
import { openSession } from "../../session.ts";
import { repairPath } from "../../store/repairing.ts";
import { PATHS_OPTIONS, readPaths } from "../../store/store-path-arguments.ts";

export const command: Command = {
  name: "repair",
  summary: "make damaged store paths anew",
  usage: "[OPTIONS] INSTALLABLE...",
  options: [...PATHS_OPTIONS, ...BUILD_OPTIONS],
  details: "`copse verify` finds them; `copse verify --repair` does both.",
  async run(line, context) {
    await using session = openSession(line, context);
    for (const path of readPaths(line, context, session)) await repairPath(session, path);
    return 0;
  },
};
