/** `copse remove`: packages out of copse.toml. */
import { CopseError } from "#base";
import type { Manifest } from "#manifest";
import { type PackageList, removePackages } from "#manifest/edit";
import type { Command } from "../../command.ts";
import { EDIT_OPTIONS, editProject } from "../../project/apply-edit.ts";
import { PROJECT_OPTION } from "../../project/load-project.ts";
import { LIST_OPTIONS, listOf, namesList } from "../../project/package-options.ts";

export const command: Command = {
  name: "remove",
  summary: "remove packages from copse.toml and lock what is left",
  usage: "[OPTIONS] NAME...",
  completes: [],
  options: [PROJECT_OPTION, ...LIST_OPTIONS, ...EDIT_OPTIONS],
  details: `
Without an option that names a list, a package is removed wherever it stands.`,
  async run(line, context) {
    if (line.positionals.length === 0) {
      throw new CopseError("package-missing", "There is no package to remove", {
        hint: "copse remove NAME...",
      });
    }
    const named = namesList(line) ? [listOf(line)] : undefined;
    return await editProject({ line, context }, (manifest) =>
      removePackages(manifest, named ?? allLists(manifest), line.positionals),
    );
  },
};

function allLists({ data }: Manifest): PackageList[] {
  const kinds = ["python", "system", "r"] as const;
  return [
    ...kinds.map((kind) => ({ kind })),
    ...[...(data.python?.groups?.keys() ?? [])].map((group) => ({ kind: "python" as const, group })),
    ...[...(data.env?.keys() ?? [])].flatMap((environment) => kinds.map((kind) => ({ kind, environment }))),
  ];
}
