/** `copse store ls`: what is in a store path. */
import type { Command } from "../../command.ts";
import { printJson } from "../../json-output.ts";
import { openSession } from "../../session.ts";
import { LIST_OPTIONS, listAsJson, listAsText, readListOptions } from "../../trees/listing.ts";
import { treeInStore } from "../../trees/store-tree.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "store ls",
  summary: "list what is in a store path",
  usage: "[OPTIONS] PATH",
  maxPositionals: 1,
  options: LIST_OPTIONS,
  async run(line, context) {
    const [named] = line.positionals;
    if (named === undefined) throw usageError("a path is needed");
    const options = readListOptions(line);
    await using session = openSession(line, context);
    const { tree, path } = treeInStore(session.store, named, context.cwd);
    if (line.has("--json")) printJson(line, context, listAsJson(tree, path, options));
    else
      for (const text of listAsText(tree, path, options))
        context.output.raw(Buffer.from(`${text}\n`, "latin1"));
    return 0;
  },
};
