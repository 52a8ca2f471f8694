/** `copse lock`: resolves what the lock has no answer for, without building anything. */
import { dirname, join } from "node:path";
import type { LockSummary } from "#build";
import type { CommandLine } from "../arguments.ts";
import type { Command, CommandContext } from "../command.ts";
import { TARGET_OPTIONS } from "../options.ts";
import { manifestOfCall } from "../project/find-manifest.ts";
import { readProjectTarget } from "../project/project-target.ts";
import { reportLock } from "../project/report-lock.ts";
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
    { names: ["--json"], help: "print what the lock holds as JSON" },
  ],
  details: `
Of a copse.toml, all environments are locked, for all its platforms. A lock in which git has left conflict marks is mended:
what both sides agree on stays, the rest is looked up again.
Solving needs no more of a wheel than its metadata; what libraries of Debian's it uses undeclared is found when it is first
made, and is written to the lock then.
The lock stands beside the file that it belongs to. It holds versions, file names and hashes; no host, no machine.`,
  async run(line, context) {
    return reportLock(await lockOf(line, context), { line, context });
  },
};

async function lockOf(line: CommandLine, context: CommandContext): Promise<LockSummary> {
  const update = line.has("--update");
  const named = line.value("--file") ?? line.positionals[0];
  const file = manifestOfCall(line, context, { named, others: environmentDefaults.files });
  if (file !== undefined && line.value("--system") === undefined) {
    const { lockProject } = await import("../project/lock-project.ts");
    const { readManifest } = await import("#manifest");
    return await lockProject(readManifest(file), { line, context, update, mends: true });
  }
  const { target } = await readProjectTarget(line, context, {
    ...environmentDefaults,
    positionals: line.positionals,
  });
  const { mendLock } = await import("#resolve");
  if (target.file !== undefined && mendLock(join(dirname(target.file), "copse.lock")))
    context.output.note("copse.lock had the marks of a merge conflict, and is mended");
  await using session = openSession(line, context, { updateLock: update, examinesWheels: false });
  session.derivations(target);
  context.output.endProgress();
  return session.lockSummary();
}
