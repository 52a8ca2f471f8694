/** The lock of a target that no copse.toml describes: a file of the Nix language, or one system alone. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CommandLine } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { openSession } from "../session.ts";
import { environmentDefaults } from "../target.ts";
import { readProjectTarget } from "./project-target.ts";
import type { LockStates } from "./report-lock.ts";

export async function lockTarget(line: CommandLine, context: CommandContext): Promise<LockStates> {
  const { target, project } = await readProjectTarget(line, context, {
    ...environmentDefaults,
    positionals: line.positionals,
  });
  const { mendLock } = await import("#resolve");
  const place = target.file === undefined ? undefined : join(dirname(target.file), "copse.lock");
  if (place !== undefined && mendLock(place))
    context.output.note("copse.lock had the marks of a merge conflict, and is mended");
  const before = place === undefined ? "" : textOf(place);
  await using session = openSession(line, context, {
    updateLock: line.has("--update"),
    examinesWheels: false,
    manifest: project?.manifest.file,
  });
  session.derivations(target);
  context.output.endProgress();
  const summary = session.lockSummary();
  return { summary, before, after: textOf(summary.path) };
}

function textOf(lock: string): string {
  return existsSync(lock) ? readFileSync(lock, "utf8") : "";
}
