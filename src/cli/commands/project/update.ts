/** `copse update`: looks for newer versions, of everything or of the packages that are named. */
import { readManifest } from "#manifest";
import type { Command } from "../../command.ts";
import { manifestFile, PROJECT_OPTION } from "../../project/load-project.ts";
import { lockProject } from "../../project/lock-project.ts";
import { describeLock, reportLock } from "../../project/report-lock.ts";

export const command: Command = {
  name: "update",
  summary: "take newer versions into copse.lock",
  usage: "[OPTIONS] [NAME...]",
  completes: [],
  options: [PROJECT_OPTION, { names: ["--json"], help: "print what the lock holds as JSON" }],
  details: `
With names (of Python packages), only these may change, and what they need to. What copse.toml asks for stays as it is:
\`copse add "numpy>=2"\` changes that.`,
  async run(line, context) {
    const manifest = readManifest(manifestFile(line, context));
    const names = line.positionals;
    const update = names.length === 0 ? true : names;
    const locked = await lockProject(manifest, { line, context, update });
    return reportLock(await describeLock(locked), { line, context });
  },
};
