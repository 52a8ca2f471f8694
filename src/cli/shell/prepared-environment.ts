/** What `nix develop` and `nix print-dev-env` work on: the one derivation that is named, and its build's environment. */
import { readFileSync } from "node:fs";
import { CopseError } from "#base";
import { type PreparedEnvironment, parseBashEnvironment, type Session } from "#build";
import { storePathName } from "#format";
import type { CommandLine } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { derivationOf, readInstallables } from "../installables.ts";

/** @throws CopseError `installable-ambiguous`, `environment-builder`, and what building throws. */
export async function preparedEnvironmentOf(
  session: Session,
  line: CommandLine,
  context: CommandContext,
): Promise<PreparedEnvironment> {
  const [one, another] = readInstallables(line, context, session);
  if (!one || another) {
    const count = one ? "several derivations" : "no derivation";
    throw new CopseError(
      "installable-ambiguous",
      `'${line.positionals[0] ?? "."}' needs to evaluate to a single derivation, but it evaluated to ${count}`,
    );
  }
  // An environment that was built before, kept by a link perhaps, is taken as it is.
  if (one.kind === "path" && one.path.endsWith("-env")) {
    const bash = parseBashEnvironment(readFileSync(session.store.realPath(one.path), "utf8"));
    return { name: storePathName(one.path), path: one.path, bash, root: undefined };
  }
  return await session.preparedEnvironment(derivationOf(session.store, one));
}
