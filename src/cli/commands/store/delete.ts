/** `copse store delete`: deletes store paths that nothing keeps. */

import type { Command } from "../../command.ts";
import { openSession } from "../../session.ts";
import { collectAndReport } from "../../store/collecting.ts";
import { PATHS_OPTIONS, readPaths } from "../../store/store-path-arguments.ts";

export const command: Command = {
  name: "store delete",
  summary: "delete store paths that nothing keeps",
  usage: "[OPTIONS] INSTALLABLE...",
  options: [
    {
      names: ["--ignore-liveness"],
      help: "delete although a root keeps it; never what another path refers to",
    },
    { names: ["--skip-alive", "--skip-live"], help: "leave out what is kept, instead of failing" },
    { names: ["--also-referrers"], help: "delete what refers to the paths, too" },
    ...PATHS_OPTIONS,
  ],
  async run(line, context) {
    await using session = openSession(line, context);
    await collectAndReport(session.store, context, {
      action: "delete-specific",
      paths: readPaths(line, context, session),
      ignoreLiveness: line.has("--ignore-liveness"),
      skipAlive: line.has("--skip-alive"),
      deleteReferrers: line.has("--also-referrers"),
    });
    return 0;
  },
};
