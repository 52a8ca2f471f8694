/** `copse lock`: resolves what the lock has no answer for, without building anything. */
import type { CommandLine } from "../arguments.ts";
import type { Command, CommandContext } from "../command.ts";
import { REFRESH_OPTION, TARGET_OPTIONS } from "../options.ts";
import { manifestOfCall } from "../project/find-manifest.ts";
import { openLockRecords } from "../project/lock-records.ts";
import { describeLock, type LockReport, reportLock } from "../project/report-lock.ts";
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
    return reportLock(await reportOfCall(line, context), { line, context });
  },
};

async function reportOfCall(line: CommandLine, context: CommandContext): Promise<LockReport> {
  const named = line.value("--file") ?? line.positionals[0];
  const file = manifestOfCall(line, context, { named, others: environmentDefaults.files });
  if (file === undefined || line.value("--system") !== undefined)
    return await describeLock(await (await import("../project/lock-target.ts")).lockTarget(line, context));
  const update = line.has("--update");
  const records = openLockRecords(context);
  const known = update || line.has("--refresh") ? undefined : records.find(file);
  if (known) return known;
  const { lockProject } = await import("../project/lock-project.ts");
  const { readManifest } = await import("#manifest");
  const outcome = await lockProject(readManifest(file), { line, context, update, mends: true });
  const report = await describeLock(outcome);
  if (outcome.reads) records.save(file, outcome.reads, report);
  return report;
}
