/** `copse outdated`: what `copse update` would change. The update is solved, and not written. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CopseError } from "#base";
import { readManifest } from "#manifest";
import type { Command } from "../../command.ts";
import { REFRESH_OPTION } from "../../options.ts";
import { manifestFile, PROJECT_OPTION } from "../../project/load-project.ts";
import { lockProject } from "../../project/lock-project.ts";
import { describeLock } from "../../project/report-lock.ts";
import { formatTable } from "../../reports/table.ts";

export const command: Command = {
  name: "outdated",
  summary: "show which packages `copse update` would change",
  usage: "[OPTIONS]",
  maxPositionals: 0,
  options: [PROJECT_OPTION, REFRESH_OPTION, { names: ["--json"], help: "print as JSON" }],
  details: `
It is what copse.toml allows: a requirement such as numpy<2 keeps numpy 2 out of this list too.`,
  async run(line, context) {
    const manifest = readManifest(manifestFile(line, context));
    const file = join(manifest.folder, "copse.lock");
    if (!existsSync(file)) {
      throw new CopseError("lock-absent", `There is no lock to compare with: \`${file}\``, {
        hint: "`copse lock` writes one",
      });
    }
    const trial = await lockProject(manifest, { line, context, update: true, isTrial: true });
    const { changes } = await describeLock(trial);
    // What an update adds or drops follows from these.
    const newer = changes.flatMap(({ name, section, before, after }) =>
      before === undefined || after === undefined ? [] : [{ name, section, locked: before, newer: after }],
    );
    if (line.has("--json")) context.output.json(newer);
    else if (newer.length === 0) context.output.note("everything is as new as copse.toml allows");
    else {
      const rows = newer.map((one) => [one.name, one.section, one.locked, one.newer]);
      context.output.raw(formatTable(["package", "of", "locked", "newer"], rows));
    }
    return 0;
  },
};
