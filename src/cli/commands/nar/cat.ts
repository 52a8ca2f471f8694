/** `copse nar cat`: a file in an archive (NAR). */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { byteStringFromText, CopseError } from "#base";
import type { Command } from "../../command.ts";
import { treePath } from "../../trees/file-tree.ts";
import { catFromNar } from "../../trees/nar-tree.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "nar cat",
  summary: "print a file in an archive (NAR)",
  usage: "NAR PATH",
  maxPositionals: 2,
  options: [],
  async run(line, context) {
    const [nar, named] = line.positionals;
    if (nar === undefined || named === undefined)
      throw usageError("two arguments are needed: an archive and a path in it");
    const source = createReadStream(resolve(context.cwd, nar));
    const path = treePath(byteStringFromText(named));
    if (await catFromNar(source, path, (chunk) => context.output.raw(chunk))) return 0;
    throw new CopseError("file-not-found", `NAR does not contain regular file '${named}'`);
  },
};
