/** `nix-store --init`: makes the store's folders and its database where they are missing. */
import type { Command } from "../../command.ts";
import { expectNoArguments, withStore } from "./operation.ts";

export const command: Command = {
  name: "--init",
  summary: "make the store's folders and database where they are missing",
  usage: "",
  options: [],
  async run(line, context) {
    expectNoArguments(line);
    // Opening it is all that there is to do.
    await withStore(line, context, () => undefined);
    return 0;
  },
};
