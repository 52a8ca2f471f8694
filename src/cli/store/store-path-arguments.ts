/** Arguments that stand for store paths: installables, `--all`, and with `--recursive` all that they need. */
import { CopseError } from "#base";
import type { Session } from "#build";
import type { StorePath } from "#format";
import type { CommandLine, Option } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { derivationOf, INSTALLABLE_OPTIONS, readInstallables, storePathsOf } from "../installables.ts";
import { usageError } from "../usage-error.ts";
import { closureOf, inOrder } from "./store-queries.ts";

export const PATHS_OPTIONS: readonly Option[] = [
  { names: ["--all"], help: "all paths in the store" },
  { names: ["--recursive", "-r"], help: "and all that the paths need" },
  { names: ["--derivation"], help: "the derivations that make the paths, instead of these" },
  ...INSTALLABLE_OPTIONS,
];

/** Nothing is built: outputs must be known. Each path once, dependencies before dependents. */
export function readPaths(line: CommandLine, context: CommandContext, session: Session): StorePath[] {
  const { store } = session;
  if (line.has("--all")) {
    if (line.positionals.length > 0) throw usageError("'--all' does not expect arguments");
    return inOrder(store, store.allPaths());
  }
  const installables = readInstallables(line, context, session);
  const paths = installables.flatMap((each) =>
    line.has("--derivation") ? [derivationOf(store, each)] : storePathsOf(store, each),
  );
  return inOrder(store, line.has("--recursive") ? closureOf(store, paths) : paths);
}

/** The one path that the arguments stand for. @throws CopseError `installable-ambiguous`. */
export function onlyStorePath(line: CommandLine, context: CommandContext, session: Session): StorePath {
  const paths = readInstallables(line, context, session).flatMap((each) => storePathsOf(session.store, each));
  const [path, another] = paths;
  if (path !== undefined && another === undefined) return path;
  throw new CopseError("installable-ambiguous", "this command requires exactly one store path");
}
