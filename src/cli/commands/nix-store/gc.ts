/** `nix-store --gc`: deletes what nothing keeps, or prints what is kept, by what, and what is not. */
import type { Store } from "#store";
import type { CommandLine } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { collect, collectAndReport, MAX_FREED_OPTION, readMaxFreed } from "../../store/collecting.ts";
import { rootsByName } from "../../store/store-roots.ts";
import { usageError } from "../../usage-error.ts";
import { expectNoArguments, withStore } from "./operation.ts";

export const command: Command = {
  name: "--gc",
  summary: "delete what nothing keeps",
  usage: "[--print-roots | --print-live | --print-dead] [--max-freed BYTES]",
  options: [
    { names: ["--print-roots"], help: "print what keeps paths, and delete nothing" },
    { names: ["--print-live"], help: "print the paths that are kept, and delete nothing" },
    { names: ["--print-dead"], help: "print the paths that would be deleted, and delete nothing" },
    MAX_FREED_OPTION,
  ],
  async run(line, context) {
    expectNoArguments(line);
    const maxFreedBytes = readMaxFreed(line);
    const prints = ["--print-roots", "--print-live", "--print-dead"].filter((name) => line.has(name));
    if (maxFreedBytes !== undefined && prints.length > 0) {
      throw usageError(
        "option --max-freed cannot be combined with --print-live, --print-dead, or --print-roots",
      );
    }
    await withStore(line, context, async (store) => {
      if (line.has("--print-roots")) await printRoots(store, context);
      else if (prints.length > 0) await printPaths(store, line, context);
      else await collectAndReport(store, context, { action: "delete-dead", maxFreedBytes });
    });
    return 0;
  },
};

async function printPaths(store: Store, line: CommandLine, context: CommandContext): Promise<void> {
  const action = line.has("--print-dead") ? "return-dead" : "return-live";
  const { paths } = await collect(store, context, { action });
  for (const path of [...paths].sort()) context.output.line(path);
}

async function printRoots(store: Store, context: CommandContext): Promise<void> {
  for (const { root, path } of await rootsByName(store))
    context.output.line(`${JSON.stringify(root)} -> ${path}`);
}
