/** From an edited copse.toml to one that is written: after its packages were solved, so that both files change or none. */
import { type Manifest, readManifest } from "#manifest";
import { type PackageChange, type PackageEdit, writeManifest } from "#manifest/edit";
import type { CommandLine, Option } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { REFRESH_OPTION } from "../options.ts";
import { holdProject } from "./hold-project.ts";
import { manifestFile } from "./load-project.ts";
import { lockedVersion } from "./lock-changes.ts";
import { lockProject } from "./lock-project.ts";
import { changeLines, changeText, describeLock, lockJson } from "./report-lock.ts";

export const EDIT_OPTIONS: readonly Option[] = [
  { names: ["--no-lock"], help: "write copse.toml alone" },
  REFRESH_OPTION,
  { names: ["--frozen"], help: "fail where the lock has no answer, instead of asking the index" },
  { names: ["--json"], help: "print what has changed as JSON" },
];

const MARKS: Readonly<Record<PackageChange["change"], string>> = {
  added: "+",
  changed: "~",
  removed: "-",
  unchanged: "=",
};

export interface EditCall {
  readonly line: CommandLine;
  readonly context: CommandContext;
}

/** `edit` gets copse.toml as it is once nobody else edits it. */
export async function editProject(
  { line, context }: EditCall,
  edit: (manifest: Manifest) => PackageEdit,
): Promise<number> {
  const file = manifestFile(line, context);
  using _held = await holdProject(file, context);
  const before = readManifest(file);
  const { manifest, changes } = edit(before);
  const locked = line.has("--no-lock") ? undefined : await lockProject(manifest, { line, context });
  const isEdited = manifest.source.text !== before.source.text;
  if (isEdited) writeManifest(manifest);
  const report = locked && (await describeLock(locked));
  const { output } = context;
  if (line.has("--json")) {
    output.json({ manifest: manifest.file, changes, ...(report && { lock: lockJson(report) }) });
    return 0;
  }
  for (const { name, change } of changes) {
    const inLock = report?.changes.find((one) => one.name === name);
    const version = report && lockedVersion(report.lock, name);
    if (inLock) output.line(changeText(inLock));
    else output.line(`${MARKS[change]} ${name}${version === undefined ? "" : ` ${version}`}`);
  }
  const named = new Set(changes.map(({ name }) => name));
  const others = report?.changes.filter(({ name }) => !named.has(name)) ?? [];
  for (const text of changeLines(others)) output.line(`  ${text}`);
  const written = [
    ...(isEdited ? [manifest.file] : []),
    ...(report?.summary.changed ? [report.summary.path] : []),
  ];
  output.note(written.length === 0 ? "nothing has changed" : `written: ${written.join(", ")}`);
  return 0;
}
