/** `copse log`: what a build printed. */
import { resolve } from "node:path";
import { CopseError } from "#base";
import { isStorePath, type StorePath } from "#format";
import type { Command } from "../command.ts";
import { TARGET_OPTIONS } from "../options.ts";
import { openSession } from "../session.ts";
import { buildDefaults, readTarget } from "../target.ts";

export const command: Command = {
  name: "log",
  summary: "show the log of a build",
  usage: "[OPTIONS] [STORE PATH | RESULT LINK | FILE]",
  maxPositionals: 1,
  options: TARGET_OPTIONS,
  async run(line, context) {
    await using session = openSession(line, context);
    const [named] = line.positionals;
    const path =
      named === undefined
        ? undefined
        : (storePathNamed(named) ?? session.resultOf(resolve(context.cwd, named)));
    if (path !== undefined) {
      context.output.raw(session.logOf(path));
      return 0;
    }
    const target = readTarget(line, context, { ...buildDefaults, positionals: line.positionals });
    for (const { drvPath } of session.derivations(target)) context.output.raw(session.logOf(drvPath));
    return 0;
  },
};

/** @throws CopseError `store-path-invalid`. */
function storePathNamed(named: string): StorePath | undefined {
  if (!named.startsWith("/nix/store/")) return undefined;
  if (isStorePath(named)) return named;
  throw new CopseError("store-path-invalid", `Not a store path: \`${named}\``);
}
