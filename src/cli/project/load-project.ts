/** The copse.toml that a command about a project works on. */
import { CopseError } from "#base";
import type { CommandLine, Option } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { manifestOfCall } from "./find-manifest.ts";
import { type Project, projectTargetOf } from "./project-target.ts";

export const PROJECT_OPTION: Option = {
  names: ["--file", "-f"],
  values: ["FILE"],
  help: "the copse.toml, or its folder (default: that of this folder, or of one above)",
  completes: "file",
};

/** @throws CopseError `manifest-missing`. */
export function manifestFile(line: CommandLine, context: Pick<CommandContext, "cwd">): string {
  const file = manifestOfCall(line, context, { others: [] });
  if (file !== undefined) return file;
  const named = line.value("--file");
  throw new CopseError(
    "manifest-missing",
    named === undefined
      ? `There is no copse.toml here or above: \`${context.cwd}\``
      : `There is no copse.toml: \`${named}\``,
    { hint: "`copse init` writes one" },
  );
}

export async function loadProject(line: CommandLine, context: CommandContext): Promise<Project> {
  const environment = line.value("--env");
  const { project } = await projectTargetOf(manifestFile(line, context), { line, context, environment });
  return project;
}
