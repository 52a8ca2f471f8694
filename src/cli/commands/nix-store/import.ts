/** `nix-store --import`: what `--export` wrote, into this store. */
import type { Command } from "../../command.ts";
import { importPaths } from "../../store/transfer.ts";
import { expectNoArguments, withStore } from "./operation.ts";

export const command: Command = {
  name: "--import",
  summary: "add the paths that the standard input holds, as --export wrote them",
  usage: "",
  options: [],
  async run(line, context) {
    expectNoArguments(line);
    await withStore(line, context, async (store) => {
      for await (const path of importPaths(store, process.stdin, context.signal)) context.output.line(path);
    });
    return 0;
  },
};
