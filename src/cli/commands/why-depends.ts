/** `copse why-depends`: how it comes that a path needs another. */
import { isatty } from "node:tty";
import { CopseError, isCopseError } from "#base";
import type { Session } from "#build";
import type { StorePath } from "#format";
import type { CommandLine } from "../arguments.ts";
import type { Command, CommandContext } from "../command.ts";
import {
  derivationOf,
  INSTALLABLE_OPTIONS,
  type Installable,
  resolveOne,
  storePathsOf,
  wantedOf,
} from "../installables.ts";
import { occurrencesIn } from "../reports/occurrences.ts";
import { whyDepends } from "../reports/why-depends.ts";
import { openSession } from "../session.ts";
import { closureOf, infoOf } from "../store/store-queries.ts";
import { usageError } from "../usage-error.ts";

export const command: Command = {
  name: "why-depends",
  summary: "show how a path comes to need another",
  usage: "[OPTIONS] PACKAGE DEPENDENCY",
  maxPositionals: 2,
  options: [
    { names: ["--all", "-a"], help: "all ways from one to the other, not just a shortest one" },
    { names: ["--precise"], help: "the files that mention the next path on the way" },
    { names: ["--derivation"], help: "the derivations of both, instead of what they make" },
    ...INSTALLABLE_OPTIONS,
  ],
  details: `
example:
  copse why-depends ./result $(readlink -f other-result) --precise`,
  async run(line, context) {
    const [packageText, dependencyText] = line.positionals;
    if (packageText === undefined || dependencyText === undefined)
      throw usageError("two arguments are needed: a path and one that it may need");
    await using session = openSession(line, context);
    const where = { line, context, session };
    const [package_, dependency] = [resolveOne(packageText, where), resolveOne(dependencyText, where)];
    if (!line.has("--derivation")) await session.realise(wantedOf(package_));
    const from = onlyPath(session, package_, line);
    const to = knownPath(session, dependency, line);
    const lines = to === undefined ? undefined : explain(session, { from, to }, line);
    if (lines === undefined)
      context.output.problem(`'${shown(package_)}' does not depend on '${shown(dependency)}'`);
    else for (const text of lines) context.output.line(withColour(context) ? text : withoutColours(text));
    return 0;
  },
};

function explain(
  session: Session,
  ends: { readonly from: StorePath; readonly to: StorePath },
  line: CommandLine,
): string[] | undefined {
  const { store } = session;
  const references = new Map(
    closureOf(store, [ends.from]).map((path) => [path, infoOf(store, path).references]),
  );
  return whyDepends(references, ends, {
    all: line.has("--all"),
    ...(line.has("--precise") && {
      occurrences: (path, wanted) => occurrencesIn(store.realPath(path), wanted, ends.to),
    }),
  });
}

function onlyPath({ store }: Session, installable: Installable, line: CommandLine): StorePath {
  const paths = line.has("--derivation")
    ? [derivationOf(store, installable)]
    : storePathsOf(store, installable);
  const [path, another] = paths;
  if (path !== undefined && another === undefined) return path;
  throw new CopseError(
    "installable-ambiguous",
    `argument '${installable.text}' should evaluate to one store path`,
    { hint: "name an output with ^, such as ^out" },
  );
}

/** What the package needs was built before it, so an output that is not known is not among that. */
function knownPath(session: Session, installable: Installable, line: CommandLine): StorePath | undefined {
  try {
    return onlyPath(session, installable, line);
  } catch (error) {
    if (isCopseError(error, "output-not-built")) return undefined;
    throw error;
  }
}

function shown(installable: Installable): string {
  return installable.kind === "path" ? installable.path : installable.text;
}

/** Nix colours this also in files and pipes. */
function withColour(context: CommandContext): boolean {
  return context.programName === "nix" || isatty(1);
}

function withoutColours(text: string): string {
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}
