/** `copse log`: what a build printed. */
import { CopseError, isCopseError } from "#base";
import type { StorePath } from "#format";
import type { Command } from "../command.ts";
import { INSTALLABLE_OPTIONS, type Installable, readInstallables, resolveOne } from "../installables.ts";
import { openSession } from "../session.ts";

export const command: Command = {
  name: "log",
  summary: "show the log of a build",
  usage: "[OPTIONS] [INSTALLABLE | FILE]",
  maxPositionals: 1,
  options: INSTALLABLE_OPTIONS,
  details: `
examples:
  copse log ./result
  copse log -f default.nix hello`,
  async run(line, context) {
    await using session = openSession(line, context);
    const where = { line, context, session };
    const [named] = line.positionals;
    const found =
      named === undefined ? readInstallables(line, context, session) : [resolveNamed(named, where)].flat();
    for (const path of new Set(found.map(builtBy))) context.output.raw(session.logOf(path));
    return 0;
  },
};

type Where = Parameters<typeof resolveOne>[1];

/** Called by its own name, copse also takes a file to evaluate. */
function resolveNamed(named: string, where: Where): Installable | Installable[] {
  const { line, context, session } = where;
  try {
    return resolveOne(named, where);
  } catch (error) {
    if (context.programName === "nix" || !isCopseError(error, "store-path-outside")) throw error;
    const value = (option: string): string | undefined => (option === "--file" ? named : line.value(option));
    const found = readInstallables({ ...line, value, positionals: [] }, context, session);
    if (found.length > 0) return found;
    throw new CopseError("not-a-derivation", `The file describes no derivation: \`${named}\``);
  }
}

function builtBy(installable: Installable): StorePath {
  return installable.kind === "path" ? installable.path : installable.drvPath;
}
