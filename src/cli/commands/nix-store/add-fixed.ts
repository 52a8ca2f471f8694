/** `nix-store --add-fixed`: adds files under the paths that fixed-output derivations of the same hash would have. */
import { basename, resolve } from "node:path";
import { byteStringFromText } from "#base";
import type { Command } from "../../command.ts";
import { readHashAlgorithm } from "../../hashing/hash-options.ts";
import { usageError } from "../../usage-error.ts";
import { withStore } from "./operation.ts";

export const command: Command = {
  name: "--add-fixed",
  summary: "add files under the path that a fixed output of that hash has",
  usage: "[--recursive] ALGORITHM PATH...",
  options: [{ names: ["--recursive"], help: "hash the archive (NAR), for folders and programs" }],
  async run(line, context) {
    const [name, ...paths] = line.positionals;
    if (name === undefined) throw usageError("first argument must be hash algorithm");
    const algorithm = readHashAlgorithm(name, context);
    const method = line.has("--recursive") ? "nar" : "flat";
    await withStore(line, context, async (store) => {
      for (const text of paths) {
        const source = resolve(context.cwd, text);
        const request = {
          name: basename(source),
          source: byteStringFromText(source),
          method,
          algorithm,
        } as const;
        context.output.line((await store.add(request, context.signal)).path);
      }
    });
    return 0;
  },
};
