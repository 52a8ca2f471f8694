/** `copse outdated`: what `copse update` would change. The update is made in a lock of its own, which is then thrown away. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CopseError } from "#base";
import { readManifest } from "#manifest";
import { type Lock, openLock } from "#resolve";
import type { Command } from "../../command.ts";
import { manifestFile, PROJECT_OPTION } from "../../project/load-project.ts";
import { lockProject } from "../../project/lock-project.ts";
import { formatTable } from "../../reports/table.ts";

export const command: Command = {
  name: "outdated",
  summary: "show which packages `copse update` would change",
  usage: "[OPTIONS]",
  maxPositionals: 0,
  options: [PROJECT_OPTION, { names: ["--json"], help: "print as JSON" }],
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
    const folder = mkdtempSync(join(tmpdir(), "copse-outdated-"));
    try {
      copyFileSync(file, join(folder, "copse.lock"));
      await lockProject(manifest, { line, context, update: true, lockFolder: folder });
      const changes = differences(openLock(file), openLock(join(folder, "copse.lock")));
      if (line.has("--json")) context.output.json(changes);
      else if (changes.length === 0) context.output.note("everything is as new as copse.toml allows");
      else {
        const rows = changes.map(({ name, section, locked, newer }) => [name, section, locked, newer]);
        context.output.raw(formatTable(["package", "of", "locked", "newer"], rows));
      }
      return 0;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Difference {
  readonly name: string;
  readonly section: string;
  readonly locked: string;
  readonly newer: string;
}

/** Packages that both have, in versions that differ. What an update adds or drops follows from these. */
function differences(before: Lock, after: Lock): Difference[] {
  const then = versionsIn(before);
  return [...versionsIn(after)].flatMap(([key, versions]) => {
    const [section = "", name = ""] = key.split("\n");
    const old = then.get(key);
    const [locked, newer] = [old?.join(", "), versions.join(", ")];
    return locked === undefined || locked === newer ? [] : [{ name, section, locked, newer }];
  });
}

function versionsIn(lock: Lock): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (section: string, name: string, version: string | undefined) => {
    const key = `${section}\n${name}`;
    if (version !== undefined) found.set(key, [...(found.get(key) ?? []), version].sort());
  };
  for (const [section, { packages }] of lock.python.data)
    for (const { name, version } of packages) add(`Python ${section}`, name, version);
  for (const [section, { packages }] of lock.r.data)
    for (const one of packages) if (one.kind === "source") add(`R ${section}`, one.name, String(one.version));
  for (const { suite, architecture, locked } of lock.suites())
    for (const { name, version } of locked.packages) add(`${suite} ${architecture}`, name, version);
  return found;
}
