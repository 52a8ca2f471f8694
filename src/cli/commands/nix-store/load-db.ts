/** `nix-store --load-db`: makes valid what a text of `--dump-db` says, without looking at the files. */
import type { Command } from "../../command.ts";
import { registerFromText } from "../../store/registration.ts";
import { expectNoArguments, withStore } from "./operation.ts";

export const command: Command = {
  name: "--load-db",
  summary: "make the paths valid that the standard input describes, as --dump-db wrote them",
  usage: "",
  options: [],
  async run(line, context) {
    expectNoArguments(line);
    await withStore(line, context, (store) =>
      registerFromText(store, process.stdin, { hashGiven: true, reregister: true, canonicalise: false }),
    );
    return 0;
  },
};
