/** `copse store make-content-addressed`: copies of paths whose names follow from their contents. */
import type { Command } from "../../command.ts";
import { JSON_OPTIONS, printJson } from "../../json-output.ts";
import { openSession } from "../../session.ts";
import { makeContentAddressed } from "../../store/content-addressing.ts";
import { PATHS_OPTIONS, readPaths } from "../../store/store-path-arguments.ts";

export const command: Command = {
  name: "store make-content-addressed",
  summary: "copy paths to names that follow from their contents",
  usage: "[OPTIONS] INSTALLABLE...",
  options: [...PATHS_OPTIONS, ...JSON_OPTIONS],
  details: "Such paths need no signature to be trusted. All that the paths need is copied so, too.",
  async run(line, context) {
    await using session = openSession(line, context);
    const { store } = session;
    const paths = readPaths(line, context, session);
    const copies = await makeContentAddressed(store, paths, context.signal);
    const rewrites = paths.map((path) => [path, copies.get(path)] as const);
    if (line.has("--json")) printJson(line, context, { rewrites: Object.fromEntries(rewrites) });
    else for (const [from, to] of rewrites) context.output.note(`rewrote '${from}' to '${to}'`);
    return 0;
  },
};
