/** What a command says of the lock that it has made. */
import type { LockSummary } from "#build";
import type { CommandLine } from "../arguments.ts";
import type { CommandContext } from "../command.ts";

export function reportLock(
  summary: LockSummary,
  { line, context: { output } }: { readonly line: CommandLine; readonly context: CommandContext },
): number {
  if (line.has("--json")) {
    output.json(summary);
    return 0;
  }
  for (const suite of summary.suites) output.line(`${suite.name}: ${suite.packages} packages, ${suite.date}`);
  output.line(`${summary.changed ? "written" : "unchanged"}: ${summary.path}`);
  return 0;
}
