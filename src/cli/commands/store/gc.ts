/** `copse gc`: deletes what nothing keeps, or says what that would be, and what keeps the rest. */
import type { Store } from "#store";
import type { CommandLine } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { JSON_OPTIONS, printJson } from "../../json-output.ts";
import { openSession } from "../../session.ts";
import { renderSize } from "../../sizes.ts";
import { collect, collectAndReport, readMaxFreed, summary } from "../../store/collecting.ts";
import { rootsByName } from "../../store/store-roots.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "gc",
  summary: "delete what nothing keeps",
  usage: "[--dry-run | --print-roots] [--max BYTES]",
  maxPositionals: 0,
  options: [
    { names: ["--dry-run"], help: "say what would be deleted, and delete nothing" },
    { names: ["--print-roots"], help: "print what keeps paths, and delete nothing" },
    {
      names: ["--max", "--max-freed"],
      values: ["BYTES"],
      help: "stop when as much is freed; K, M, G and T may stand behind the number",
    },
    ...JSON_OPTIONS,
  ],
  details: `
Kept are the environments of projects, results that a link such as result leads to, profiles, what running programs use,
and all that these need.`,
  async run(line, context) {
    const maxFreedBytes = readMaxFreed(line, "--max");
    if (maxFreedBytes !== undefined && line.has("--dry-run"))
      throw usageError("options --max and --dry-run cannot be combined");
    await using session = openSession(line, context);
    const { store } = session;
    if (line.has("--print-roots")) await printRoots(store, line, context);
    else if (line.has("--json")) await reportAsJson(store, { line, context, maxFreedBytes });
    else if (line.has("--dry-run")) await rehearse(store, context);
    else await collectAndReport(store, context, { action: "delete-dead", maxFreedBytes });
    return 0;
  },
};

async function printRoots(store: Store, line: CommandLine, context: CommandContext): Promise<void> {
  const roots = await rootsByName(store);
  if (line.has("--json")) printJson(line, context, roots);
  else for (const { root, path } of roots) context.output.line(`${root} -> ${path}`);
}

async function rehearse(store: Store, context: CommandContext): Promise<void> {
  const collected = await collect(store, context, { action: "return-dead" });
  context.output.line(summary(collected, true));
  // Not on the standard output, which is as Nix's. Linked files and views make it an estimate.
  context.output.note(`their archives are ${renderSize(archiveBytes(store, collected.paths))} altogether`);
}

interface Reporting {
  readonly line: CommandLine;
  readonly context: CommandContext;
  readonly maxFreedBytes: number | undefined;
}

async function reportAsJson(store: Store, { line, context, maxFreedBytes }: Reporting): Promise<void> {
  const dryRun = line.has("--dry-run");
  const { paths, bytesFreed } = await collect(store, context, {
    action: dryRun ? "return-dead" : "delete-dead",
    maxFreedBytes,
  });
  const sizes = dryRun ? { archiveBytes: archiveBytes(store, paths) } : { bytesFreed };
  printJson(line, context, { dryRun, paths, ...sizes });
}

/** Of those that are valid: rubbish in the store's folder has no archive. */
function archiveBytes(store: Store, paths: readonly string[]): number {
  const named = new Set(paths);
  return store
    .allPaths()
    .filter((path) => named.has(path))
    .reduce((sum, path) => sum + (store.queryInfo(path)?.narSize ?? 0), 0);
}
