/** `copse store sign`: signatures on store paths, for those who trust the key. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseSecretKey, signPath } from "#format";
import type { Command } from "../../command.ts";
import { openSession } from "../../session.ts";
import { PATHS_OPTIONS, readPaths } from "../../store/store-path-arguments.ts";
import { infoOf } from "../../store/store-queries.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "store sign",
  summary: "sign store paths with a secret key",
  usage: "--key-file FILE INSTALLABLE...",
  options: [
    {
      names: ["--key-file", "-k"],
      values: ["FILE"],
      help: "file with the secret key (see key generate-secret)",
    },
    ...PATHS_OPTIONS,
  ],
  async run(line, context) {
    const file = line.value("--key-file");
    if (file === undefined) throw usageError("you must specify a secret key file using '-k'");
    const key = parseSecretKey(readFileSync(resolve(context.cwd, file), "utf8"));
    await using session = openSession(line, context);
    const { store } = session;
    let added = 0;
    for (const path of readPaths(line, context, session)) {
      const info = infoOf(store, path);
      const signature = signPath(info, key);
      if (info.signatures?.includes(signature)) continue;
      store.addSignatures(path, [signature]);
      added++;
    }
    context.output.note(`added ${added} signatures`);
    return 0;
  },
};
