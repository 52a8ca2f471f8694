/** `copse log`: what a build printed. */
import { CopseError } from "#base";
import { isStorePath } from "#format";
import type { Command } from "../command.ts";
import { TARGET_OPTIONS } from "../options.ts";
import { openSession } from "../session.ts";
import { buildDefaults, readTarget } from "../target.ts";

export const command: Command = {
  name: "log",
  summary: "show the log of a build",
  usage: "[OPTIONS] [STORE PATH | FILE]",
  maxPositionals: 1,
  options: TARGET_OPTIONS,
  async run(line, context) {
    await using session = openSession(line, context);
    const [named] = line.positionals;
    if (named?.startsWith("/nix/store/")) {
      if (!isStorePath(named)) throw new CopseError("store-path-invalid", `Not a store path: \`${named}\``);
      context.output.raw(session.logOf(named));
      return 0;
    }
    const target = readTarget(line, context, { ...buildDefaults, positionals: line.positionals });
    for (const { drvPath } of session.derivations(target)) context.output.raw(session.logOf(drvPath));
    return 0;
  },
};
