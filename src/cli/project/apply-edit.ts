/** From an edited copse.toml to one that is written: after its packages were solved, so that both files change or none. */
import { join } from "node:path";
import type { Manifest } from "#manifest";
import { type PackageChange, type PackageEdit, writeManifest } from "#manifest/edit";
import type { CommandLine, Option } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { lockProject } from "./lock-project.ts";

export const EDIT_OPTIONS: readonly Option[] = [
  { names: ["--no-lock"], help: "write copse.toml alone" },
  { names: ["--frozen"], help: "fail where the lock has no answer, instead of asking the index" },
  { names: ["--json"], help: "print what has changed as JSON" },
];

const MARKS: Readonly<Record<PackageChange["change"], string>> = {
  added: "+",
  changed: "~",
  removed: "-",
  unchanged: "=",
};

export async function applyEdit(
  before: Manifest,
  { manifest, changes }: PackageEdit,
  { line, context }: { readonly line: CommandLine; readonly context: CommandContext },
): Promise<number> {
  const lock = line.has("--no-lock") ? undefined : await lockProject(manifest, { line, context });
  const isEdited = manifest.source.text !== before.source.text;
  if (isEdited) writeManifest(manifest);
  const { output } = context;
  if (line.has("--json")) {
    output.json({ manifest: manifest.file, changes, ...(lock && { lock }) });
    return 0;
  }
  for (const { name, change } of changes) output.line(`${MARKS[change]} ${name}`);
  const written = [
    ...(isEdited ? [manifest.file] : []),
    ...(lock?.changed ? [join(manifest.folder, "copse.lock")] : []),
  ];
  output.note(written.length === 0 ? "nothing has changed" : `written: ${written.join(", ")}`);
  return 0;
}
