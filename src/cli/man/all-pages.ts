/** The manual pages of all programs: `copse.1`, `copse-build.1`, `nix-build.1`. */
import { COPSE_COMMANDS, NIX_PROGRAMS } from "../command-table.ts";
import { groupCommands, loadCommands } from "../help.ts";
import { commandPage, type ManualPage, overviewPage } from "./man-page.ts";

export async function allPages(version: string): Promise<ManualPage[]> {
  const commands = await loadCommands(COPSE_COMMANDS);
  const programs = await loadCommands(NIX_PROGRAMS);
  return [
    overviewPage(groupCommands(commands), "copse", version),
    ...commands.map((command) => commandPage(command, "copse", version)),
    ...programs.map((program) => commandPage(program, program.name, version)),
  ];
}
