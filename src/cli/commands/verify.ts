/** `copse verify`: whether the store is sound, all of it. */
import type { Command } from "../command.ts";
import { JSON_OPTIONS, printJson } from "../json-output.ts";
import { BUILD_OPTIONS } from "../options.ts";
import { openSession } from "../session.ts";
import { verifyStore } from "../store/verifying.ts";

export const command: Command = {
  name: "verify",
  summary: "check that the store is sound",
  usage: "[--check-contents] [--repair] [--json]",
  maxPositionals: 0,
  options: [
    { names: ["--check-contents"], help: "read all files and compare their hashes: takes a while" },
    { names: ["--repair"], help: "make anew what is damaged" },
    ...JSON_OPTIONS,
    ...BUILD_OPTIONS,
  ],
  details:
    "Exit code 1 where something is wrong that was not mended. `copse store verify` checks single paths.",
  async run(line, context) {
    await using session = openSession(line, context);
    const errors = await verifyStore(session, context, {
      checkContents: line.has("--check-contents"),
      repair: line.has("--repair"),
    });
    if (line.has("--json")) printJson(line, context, { errors });
    else if (errors === 0) context.output.note("the store is sound");
    else context.output.warning("not all store errors were fixed");
    return errors === 0 ? 0 : 1;
  },
};
