/** `nix-store --add`: copies files and folders into the store, known by the SHA-256 of their archives. */
import { basename, resolve } from "node:path";
import { byteStringFromText } from "#base";
import type { Command } from "../../command.ts";
import { withStore } from "./operation.ts";

export const command: Command = {
  name: "--add",
  summary: "add files and folders to the store",
  usage: "PATH...",
  options: [],
  async run(line, context) {
    await withStore(line, context, async (store) => {
      for (const text of line.positionals) {
        const source = resolve(context.cwd, text);
        const request = {
          name: basename(source),
          source: byteStringFromText(source),
          method: "nar",
        } as const;
        context.output.line((await store.add(request, context.signal)).path);
      }
    });
    return 0;
  },
};
