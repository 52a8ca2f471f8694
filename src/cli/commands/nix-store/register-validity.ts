/** `nix-store --register-validity`: makes paths valid whose files were put into the store by other means. */
import type { Command } from "../../command.ts";
import { registerFromText } from "../../store/registration.ts";
import { expectNoArguments, withStore } from "./operation.ts";

export const command: Command = {
  name: "--register-validity",
  summary: "make paths valid that are in the store's folder already",
  usage: "[--reregister] [--hash-given]",
  options: [
    { names: ["--reregister"], help: "also those that are valid already" },
    { names: ["--hash-given"], help: "the input has hash and size of each; otherwise they are computed" },
  ],
  details: `
The input has for each path, a line each: the path, [hash, size,] the derivation that made it (or nothing), the number of
its references, and these.`,
  async run(line, context) {
    expectNoArguments(line);
    await withStore(line, context, (store) =>
      registerFromText(store, process.stdin, {
        hashGiven: line.has("--hash-given"),
        reregister: line.has("--reregister"),
        canonicalise: true,
      }),
    );
    return 0;
  },
};
