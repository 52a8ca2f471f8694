/** `copse optimise`: files of equal contents become one file with several names. */
import type { Command } from "../../command.ts";
import { JSON_OPTIONS, printJson } from "../../json-output.ts";
import { openSession } from "../../session.ts";
import { optimiseAndReport } from "../../store/optimising.ts";

export const command: Command = {
  name: "optimise",
  summary: "save space by linking files of equal contents",
  usage: "[--json]",
  maxPositionals: 0,
  options: JSON_OPTIONS,
  async run(line, context) {
    await using session = openSession(line, context);
    const optimised = await optimiseAndReport(session.store, context);
    if (line.has("--json")) printJson(line, context, optimised);
    return 0;
  },
};
