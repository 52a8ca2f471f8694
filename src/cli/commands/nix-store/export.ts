/** `nix-store --export`: paths with their facts as one stream, for `--import` on another machine. */
import type { Command } from "../../command.ts";
import { namedPath } from "../../named-path.ts";
import { exportPaths } from "../../store/transfer.ts";
import { withStore } from "./operation.ts";

export const command: Command = {
  name: "--export",
  summary: "write paths as one stream to the standard output",
  usage: "PATH...",
  options: [],
  details: `
Only the paths named are written; for all that they need, too:
  nix-store --export $(nix-store -qR PATH) > paths.closure`,
  async run(line, context) {
    await withStore(line, context, async (store) => {
      const paths = line.positionals.map((text) => namedPath(store.place, text, context.cwd).path);
      for await (const chunk of exportPaths(store, paths, context.signal)) context.output.raw(chunk);
    });
    return 0;
  },
};
