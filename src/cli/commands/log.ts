/** `copse log`: what a build printed. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CopseError, isCopseError } from "#base";
import type { StorePath } from "#format";
import type { CommandLine } from "../arguments.ts";
import type { Command, CommandContext } from "../command.ts";
import { INSTALLABLE_OPTIONS, type Installable, readInstallables, resolveOne } from "../installables.ts";
import { logsBehind, logsNamed } from "../log/environment-logs.ts";
import { manifestOfCall } from "../project/find-manifest.ts";
import { ENVIRONMENT_OPTION, inManifest, projectTargetOf } from "../project/project-target.ts";
import { openSession } from "../session.ts";
import { buildDefaults } from "../target.ts";

export const command: Command = {
  name: "log",
  summary: "show the log of a build",
  usage: "[OPTIONS] [INSTALLABLE | FILE | NAME]",
  maxPositionals: 1,
  options: [...INSTALLABLE_OPTIONS, ENVIRONMENT_OPTION],
  details: `
In a folder with a copse.toml, a NAME is that of a package which was built for its environment; without one, those that have left a
log are listed.

examples:
  copse log psycopg2
  copse log ./result
  copse log -f default.nix hello`,
  async run(line, context) {
    const project = await projectOf(line, context);
    await using session = openSession(line, context, { manifest: project?.project.manifest.file });
    if (project) {
      const made = await inManifest(project.project, () => session.derivations(project.target));
      const logs = logsBehind(
        session,
        made.map(({ drvPath }) => drvPath),
      );
      const [name] = namesBuild(line, context) ? line.positionals : [];
      if (name !== undefined) for (const { text } of logsNamed(logs, name)) context.output.raw(text);
      else if (logs.length === 0) context.output.note("no build of this environment has left a log");
      else for (const log of logs) context.output.line(log.name);
      return 0;
    }
    const where = { line, context, session };
    const [named] = line.positionals;
    const found =
      named === undefined ? readInstallables(line, context, session) : [resolveNamed(named, where)].flat();
    for (const path of new Set(found.map(builtBy))) context.output.raw(session.logOf(path));
    return 0;
  },
};

/** The copse.toml that is named, or that this folder belongs to where nothing else is named. */
async function projectOf(line: CommandLine, context: CommandContext) {
  if (context.programName === "nix") return undefined;
  const [positional] = line.positionals;
  const named = line.value("--file") ?? (namesBuild(line, context) ? undefined : positional);
  const file = manifestOfCall(line, context, { named, others: buildDefaults.files });
  return file === undefined
    ? undefined
    : await projectTargetOf(file, { line, context, environment: line.value("--env") });
}

/** Whether the argument is the name of a build, and nothing that is there. */
function namesBuild({ positionals: [named] }: CommandLine, { cwd }: CommandContext): boolean {
  return named !== undefined && /^[^/]+$/.test(named) && !existsSync(resolve(cwd, named));
}

type Where = Parameters<typeof resolveOne>[1];

/** Called by its own name, copse also takes a file to evaluate. */
function resolveNamed(named: string, where: Where): Installable | Installable[] {
  const { line, context, session } = where;
  try {
    return resolveOne(named, where);
  } catch (error) {
    if (context.programName === "nix" || !isCopseError(error, "store-path-outside")) throw error;
    const value = (option: string): string | undefined => (option === "--file" ? named : line.value(option));
    const found = readInstallables({ ...line, value, positionals: [] }, context, session);
    if (found.length > 0) return found;
    throw new CopseError("not-a-derivation", `The file describes no derivation: \`${named}\``);
  }
}

function builtBy(installable: Installable): StorePath {
  return installable.kind === "path" ? installable.path : installable.drvPath;
}
