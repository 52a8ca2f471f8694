/** `nix-store --delete`: deletes the paths that are named, if nothing keeps or needs them. */

import type { Command } from "../../command.ts";
import { namedPath } from "../../named-path.ts";
import { collectAndReport } from "../../store/collecting.ts";
import { withStore } from "./operation.ts";

export const command: Command = {
  name: "--delete",
  summary: "delete paths that nothing keeps",
  usage: "[--ignore-liveness] PATH...",
  options: [
    {
      names: ["--ignore-liveness"],
      help: "delete although a root keeps it; never what another path refers to",
    },
  ],
  async run(line, context) {
    await withStore(line, context, async (store) => {
      const paths = line.positionals.map((text) => namedPath(store.place, text, context.cwd).path);
      await collectAndReport(store, context, {
        action: "delete-specific",
        paths,
        ignoreLiveness: line.has("--ignore-liveness"),
      });
    });
    return 0;
  },
};
