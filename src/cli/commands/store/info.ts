/** `copse store info`: which store is in use, and whether it can be. */
import { statfsSync } from "node:fs";
import { NIX_VERSION } from "#lang/builtins";
import type { Command } from "../../command.ts";
import { JSON_OPTIONS, printJson } from "../../json-output.ts";
import { openSession } from "../../session.ts";
import { renderSize } from "../../sizes.ts";

export const command: Command = {
  name: "store info",
  summary: "show which store is in use",
  usage: "[--json]",
  maxPositionals: 0,
  options: JSON_OPTIONS,
  async run(line, context) {
    await using session = openSession(line, context);
    const { store } = session;
    const { uri, realStoreDir, storeDir, readOnly } = store.place;
    if (line.has("--json")) {
      printJson(line, context, { url: uri, version: NIX_VERSION, trusted: true });
      return 0;
    }
    // As a remark, like Nix: a store has no result to print.
    const say = (name: string, value: string): void => context.output.note(`${name}: ${value}`);
    say("Store URL", uri);
    say("Version", NIX_VERSION);
    say("Trusted", "1");
    if (context.programName === "nix") return 0;
    say("Folder", realStoreDir === storeDir ? storeDir : `${realStoreDir}, seen as ${storeDir} inside`);
    say("Paths", String(store.allPaths().length));
    const { bavail, bsize } = statfsSync(realStoreDir);
    say("Free", renderSize(bavail * bsize));
    if (readOnly) say("Writable", "no");
    return 0;
  },
};
