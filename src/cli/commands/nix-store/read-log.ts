/** `nix-store --read-log`: what builds printed. */
import type { Command } from "../../command.ts";
import { namedPath } from "../../named-path.ts";
import { openSession } from "../../session.ts";

export const command: Command = {
  name: "--read-log",
  summary: "print the logs of builds",
  usage: "PATH...",
  options: [],
  async run(line, context) {
    await using session = openSession(line, context);
    for (const text of line.positionals)
      context.output.raw(session.logOf(namedPath(session.store.place, text, context.cwd).path));
    return 0;
  },
};
