/** `copse lock`: resolves what the lock has no answer for, without building anything. */
import type { Command } from "../command.ts";
import { TARGET_OPTIONS } from "../options.ts";
import { openSession } from "../session.ts";
import { environmentDefaults, readTarget } from "../target.ts";

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
The lock stands beside the file that it belongs to. It holds versions, file names and hashes; no host, no machine.`,
  async run(line, context) {
    const target = readTarget(line, context, { ...environmentDefaults, positionals: line.positionals });
    await using session = openSession(line, context, { updateLock: line.has("--update") });
    session.derivations(target);
    const summary = session.lockSummary();
    context.output.endProgress();
    if (line.has("--json")) {
      context.output.json(summary);
      return 0;
    }
    for (const suite of summary.suites) {
      context.output.line(`${suite.name}: ${suite.packages} packages, ${suite.date}`);
    }
    context.output.line(`${summary.changed ? "written" : "unchanged"}: ${summary.path}`);
    return 0;
  },
};
