/** `copse add`: packages into copse.toml, solved at once. */
import { CopseError } from "#base";
import { type AddedPackage, addPackages } from "#manifest/edit";
import type { CommandLine } from "../../arguments.ts";
import type { Command } from "../../command.ts";
import { EDIT_OPTIONS, editProject } from "../../project/apply-edit.ts";
import { PROJECT_OPTION } from "../../project/load-project.ts";
import { LIST_OPTIONS, listOf } from "../../project/package-options.ts";

export const command: Command = {
  name: "add",
  summary: "add packages to copse.toml and lock them",
  usage: "[OPTIONS] NAME...",
  completes: [],
  options: [
    PROJECT_OPTION,
    ...LIST_OPTIONS,
    { names: ["--index"], values: ["NAME"], help: "take it from this index of [python.indexes]" },
    { names: ["--git"], values: ["ADDRESS"], help: "take it from this git repository" },
    { names: ["--rev"], values: ["REV"], help: "with --git: the commit, tag or branch" },
    { names: ["--path"], values: ["PATH"], help: "take it from this folder or file", completes: "file" },
    { names: ["--editable"], help: "with --path: import the folder itself" },
    ...EDIT_OPTIONS,
  ],
  details: `
A package is a requirement as of PEP 508. If the packages cannot be had together, nothing is written.

examples:
  copse add numpy "torch>=2" "monai[all]"
  copse add --system dcm2niix
  copse add --r lme4
  copse add --dev pytest
  copse add --path . --editable mypackage`,
  async run(line, context) {
    if (line.positionals.length === 0) {
      throw new CopseError("package-missing", "There is no package to add", { hint: "copse add NAME..." });
    }
    const list = listOf(line);
    const added = packagesOf(line, list.kind === "python");
    return await editProject({ line, context }, (manifest) => addPackages(manifest, list, added));
  },
};

const SOURCES = ["--index", "--git", "--rev", "--path"] as const;

/** @throws CopseError `option-conflict`. */
function packagesOf(line: CommandLine, isPython: boolean): AddedPackage[] {
  const said = SOURCES.flatMap((option) => {
    const value = line.value(option);
    return value === undefined ? [] : [[option.slice(2), value] as const];
  });
  if (said.length === 0 && !line.has("--editable")) return [...line.positionals];
  if (!isPython) {
    throw new CopseError(
      "option-conflict",
      "These options are for packages of Python: `--index --git --path --editable`",
    );
  }
  const editable = line.has("--editable") ? { editable: true } : {};
  return line.positionals.map((text) => {
    const [, name, extras, version = ""] =
      /^\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?\s*([^;@]*)$/.exec(text) ?? [];
    if (name === undefined)
      throw new CopseError(
        "option-conflict",
        `With these options a package is a name, extras and versions: \`${text}\``,
      );
    return {
      name,
      ...(extras === undefined ? {} : { extras: extras.split(",").map((extra) => extra.trim()) }),
      ...(version.trim() === "" ? {} : { version: version.trim() }),
      ...Object.fromEntries(said),
      ...editable,
    };
  });
}
