/** `copse store diff-closures`: packages and versions that came and went between two paths with all that they need. */
import { isatty } from "node:tty";
import { CopseError } from "#base";
import type { Session } from "#build";
import type { StorePath } from "#format";
import type { CommandLine } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { INSTALLABLE_OPTIONS, resolveOne, storePathsOf, wantedOf } from "../../installables.ts";
import { JSON_OPTIONS, printJson } from "../../json-output.ts";
import { closureDiff, isNotable, type PackageChange, showVersions } from "../../reports/closure-diff.ts";
import { openSession } from "../../session.ts";
import { renderSize } from "../../sizes.ts";
import { closureOf, infoOf } from "../../store/store-queries.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "store diff-closures",
  summary: "show the packages that came and went between two paths",
  usage: "[OPTIONS] BEFORE AFTER",
  maxPositionals: 2,
  options: [...INSTALLABLE_OPTIONS, ...JSON_OPTIONS],
  async run(line, context) {
    const [before, after] = line.positionals;
    if (before === undefined || after === undefined)
      throw usageError("two arguments are needed: before and after");
    await using session = openSession(line, context);
    const where = { line, context, session };
    const [old, now] = [await pathOf(before, where), await pathOf(after, where)];
    const { store } = session;
    const infosOf = (path: StorePath) => closureOf(store, [path]).map((each) => infoOf(store, each));
    const changes = closureDiff(infosOf(old), infosOf(now));
    if (line.has("--json")) printJson(line, context, changes);
    else for (const change of changes) context.output.line(describe(change, withColour(context)));
    return 0;
  },
};

interface Where {
  readonly line: CommandLine;
  readonly context: CommandContext;
  readonly session: Session;
}

async function pathOf(text: string, where: Where): Promise<StorePath> {
  const installable = resolveOne(text, where);
  await where.session.realise(wantedOf(installable));
  const [path, another] = storePathsOf(where.session.store, installable);
  if (path !== undefined && another === undefined) return path;
  throw new CopseError("installable-ambiguous", `argument '${text}' should evaluate to one store path`);
}

function describe(change: PackageChange, colour: boolean): string {
  const { name, removed, added, sizeDeltaBytes } = change;
  const parts: string[] = [];
  if (removed.length > 0 || added.length > 0) parts.push(`${showVersions(removed)} → ${showVersions(added)}`);
  if (isNotable(change)) {
    const size = renderSize(sizeDeltaBytes);
    parts.push(colour ? `\x1b[${sizeDeltaBytes > 0 ? 31 : 32};1m${size}\x1b[0m` : size);
  }
  return `${name}: ${parts.join(", ")}`;
}

/** Nix colours this also in files and pipes. */
function withColour(context: CommandContext): boolean {
  return context.programName === "nix" || isatty(1);
}
