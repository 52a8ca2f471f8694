/** `copse lock`: resolves what the lock has no answer for, without building anything. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CommandLine } from "../arguments.ts";
import type { Command, CommandContext } from "../command.ts";
import { REFRESH_OPTION, TARGET_OPTIONS } from "../options.ts";
import { manifestOfCall } from "../project/find-manifest.ts";
import { readProjectTarget } from "../project/project-target.ts";
import { describeLock, type LockStates, reportLock } from "../project/report-lock.ts";
import { openSession } from "../session.ts";
import { environmentDefaults } from "../target.ts";

export const command: Command = {
  name: "lock",
  summary: "write the exact packages of an environment to copse.lock",
  usage: "[OPTIONS] [FILE]",
  maxPositionals: 1,
  options: [
    ...TARGET_OPTIONS,
    { names: ["--system"], values: ["SYSTEM"], help: "lock for another system, such as aarch64-linux" },
    { names: ["--update"], help: "ask the index again, also for what is locked" },
    REFRESH_OPTION,
    { names: ["--json"], help: "print what the lock holds as JSON" },
  ],
  details: `
Of a copse.toml, all environments are locked, for all its platforms. A lock in which git has left conflict marks is mended:
what both sides agree on stays, the rest is looked up again.
Solving needs no more of a wheel than its metadata; what libraries of Debian's it uses undeclared is found when it is first
made, and is written to the lock then.
The lock stands beside the file that it belongs to. It holds versions, file names and hashes; no host, no machine.`,
  async run(line, context) {
    return reportLock(await describeLock(await lockOfCall(line, context)), { line, context });
  },
};

async function lockOfCall(line: CommandLine, context: CommandContext): Promise<LockStates> {
  const update = line.has("--update");
  const named = line.value("--file") ?? line.positionals[0];
  const file = manifestOfCall(line, context, { named, others: environmentDefaults.files });
  if (file !== undefined && line.value("--system") === undefined) {
    const { lockProject } = await import("../project/lock-project.ts");
    const { readManifest } = await import("#manifest");
    return await lockProject(readManifest(file), { line, context, update, mends: true });
  }
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
    updateLock: update,
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
