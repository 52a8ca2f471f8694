/** `nix-store --check-validity`: whether paths are in the store, as far as it knows. */

import type { Command } from "../../command.ts";
import { namedPath } from "../../named-path.ts";
import { infoOf } from "../../store/store-queries.ts";
import { withStore } from "./operation.ts";

export const command: Command = {
  name: "--check-validity",
  summary: "fail unless all paths are valid",
  usage: "[--print-invalid] PATH...",
  options: [{ names: ["--print-invalid"], help: "print those that are not, instead of failing" }],
  async run(line, context) {
    await withStore(line, context, (store) => {
      for (const text of line.positionals) {
        const { path } = namedPath(store.place, text, context.cwd);
        if (!line.has("--print-invalid")) infoOf(store, path);
        else if (!store.isValid(path)) context.output.line(path);
      }
    });
    return 0;
  },
};
