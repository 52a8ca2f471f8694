/** `copse store path-from-hash-part`: the store path with a digest. */
import { CopseError } from "#base";
import type { Command } from "../../command.ts";
import { openSession } from "../../session.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "store path-from-hash-part",
  summary: "print the store path that has a digest",
  usage: "DIGEST",
  maxPositionals: 1,
  options: [],
  async run(line, context) {
    const [digest] = line.positionals;
    if (digest === undefined) throw usageError("a digest is needed: the 32 characters before a path's name");
    if (!/^[0-9a-df-np-sv-z]{32}$/.test(digest)) throw new CopseError("digest-invalid", "invalid hash part");
    await using session = openSession(line, context);
    const path = session.store.findByDigest(digest);
    if (path === undefined)
      throw new CopseError("store-path-unknown", `there is no store path corresponding to '${digest}'`);
    context.output.line(path);
    return 0;
  },
};
