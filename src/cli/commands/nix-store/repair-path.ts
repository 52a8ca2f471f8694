/** `nix-store --repair-path`: makes damaged paths anew. */
import type { Command } from "../../command.ts";
import { namedPath } from "../../named-path.ts";
import { openSession } from "../../session.ts";
import { repairPath } from "../../store/repairing.ts";

export const command: Command = {
  name: "--repair-path",
  summary: "make damaged paths anew",
  usage: "PATH...",
  options: [],
  async run(line, context) {
    await using session = openSession(line, context);
    for (const text of line.positionals)
      await repairPath(session, namedPath(session.store.place, text, context.cwd).path);
    return 0;
  },
};
