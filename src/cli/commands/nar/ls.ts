/** `copse nar ls`: what is in an archive (NAR). */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { byteStringFromText } from "#base";
import type { Command } from "../../command.ts";
import { printJson } from "../../json-output.ts";
import { treePath } from "../../trees/file-tree.ts";
import { LIST_OPTIONS, listAsJson, listAsText, readListOptions } from "../../trees/listing.ts";
import { narTree } from "../../trees/nar-tree.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "nar ls",
  summary: "list what is in an archive (NAR)",
  usage: "[OPTIONS] NAR PATH",
  maxPositionals: 2,
  options: LIST_OPTIONS,
  async run(line, context) {
    const [nar, named] = line.positionals;
    if (nar === undefined || named === undefined)
      throw usageError("two arguments are needed: an archive and a path in it; / is its top");
    const options = readListOptions(line);
    const tree = await narTree(createReadStream(resolve(context.cwd, nar)));
    const path = treePath(byteStringFromText(named));
    if (line.has("--json")) printJson(line, context, listAsJson(tree, path, options));
    else
      for (const text of listAsText(tree, path, options))
        context.output.raw(Buffer.from(`${text}\n`, "latin1"));
    return 0;
  },
};
