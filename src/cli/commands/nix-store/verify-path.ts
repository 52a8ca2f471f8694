/** `nix-store --verify-path`: whether paths still have the contents that they were registered with. */
import type { Command } from "../../command.ts";
import { namedPath } from "../../named-path.ts";
import { modifiedMessage } from "../../store/verifying.ts";
import { withStore } from "./operation.ts";

export const command: Command = {
  name: "--verify-path",
  summary: "check the contents of paths",
  usage: "PATH...",
  options: [],
  async run(line, context) {
    let isIntact = true;
    await withStore(line, context, async (store) => {
      for (const text of line.positionals) {
        const { path } = namedPath(store.place, text, context.cwd);
        const result = await store.verifyPath(path, context.signal);
        if (result.isIntact) continue;
        isIntact = false;
        context.output.problem(modifiedMessage(path, result));
      }
    });
    return isIntact ? 0 : 1;
  },
};
