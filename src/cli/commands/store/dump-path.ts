/** `copse store dump-path`: the archive (NAR) of a store path. */
import type { Command } from "../../command.ts";
import { INSTALLABLE_OPTIONS } from "../../installables.ts";
import { openSession } from "../../session.ts";
import { refuseTerminal } from "../../store/nar-output.ts";
import { onlyStorePath } from "../../store/store-path-arguments.ts";
import { infoOf } from "../../store/store-queries.ts";

export const command: Command = {
  name: "store dump-path",
  summary: "write the archive (NAR) of a store path to the standard output",
  usage: "INSTALLABLE",
  maxPositionals: 1,
  options: INSTALLABLE_OPTIONS,
  async run(line, context) {
    refuseTerminal();
    await using session = openSession(line, context);
    const path = onlyStorePath(line, context, session);
    infoOf(session.store, path);
    for await (const chunk of session.store.dumpNar(path, context.signal)) context.output.raw(chunk);
    return 0;
  },
};
