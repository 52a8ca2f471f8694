/** `nix-store --dump-db`: the database as text, for `--load-db`. */
import type { Command } from "../../command.ts";
import { namedPath } from "../../named-path.ts";
import { registrationText } from "../../store/registration.ts";
import { withStore } from "./operation.ts";

export const command: Command = {
  name: "--dump-db",
  summary: "write the facts of all paths, or some, as text",
  usage: "[PATH...]",
  options: [],
  async run(line, context) {
    await withStore(line, context, (store) => {
      const named = line.positionals.map((text) => namedPath(store.place, text, context.cwd).path);
      for (const text of registrationText(store, named.length > 0 ? named : store.allPaths()))
        context.output.raw(text);
    });
    return 0;
  },
};
