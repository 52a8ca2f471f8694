/** `nix-store --optimise`: files of equal contents become one file with several names. */
import type { Command } from "../../command.ts";
import { optimiseAndReport } from "../../store/optimising.ts";
import { expectNoArguments, withStore } from "./operation.ts";

export const command: Command = {
  name: "--optimise",
  summary: "save space by linking files of equal contents",
  usage: "",
  options: [],
  async run(line, context) {
    expectNoArguments(line);
    await withStore(line, context, (store) => optimiseAndReport(store, context));
    return 0;
  },
};
