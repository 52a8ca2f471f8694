/** `copse up`: starts the services of copse.toml, each when those that it needs are ready. */
import { commandLineOf, serviceOf, servicesInOrder } from "#manifest";
import { checkManifest } from "#manifest/check";
import type { CommandLine } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { BUILD_OPTIONS } from "../../options.ts";
import { loadProject, PROJECT_OPTION } from "../../project/load-project.ts";
import type { Project } from "../../project/project-target.ts";
import { environmentOfProject, planNamed } from "../../project/run-task.ts";
import { startService } from "../../services/start-service.ts";
import { ServiceState } from "../../services/state.ts";

export const command: Command = {
  name: "up",
  summary: "start the services of copse.toml",
  usage: "[OPTIONS] [SERVICE...]",
  completes: [],
  options: [
    PROJECT_OPTION,
    { names: ["--env", "-e"], values: ["NAME"], help: "the environment of services that name none" },
    ...BUILD_OPTIONS,
    { names: ["--frozen"], help: "fail where the lock has no answer, instead of asking the index" },
    { names: ["--json"], help: "print what runs as JSON" },
  ],
  details: `
All of them, or those that are named and what they depend on. A service that runs already is left alone. They go on when the
command has ended, until \`copse down\` or the machine stops them; \`copse logs\` shows what they print.`,
  async run(line, context) {
    const project = await loadProject(line, context);
    const { manifest } = project;
    checkManifest(manifest);
    const wanted =
      line.positionals.length > 0 ? line.positionals : [...(manifest.data.services?.keys() ?? [])];
    const names = servicesInOrder(manifest, wanted);
    if (names.length === 0) context.output.note("copse.toml has no [services]");
    const state = new ServiceState(manifest.folder, context.env);
    using _held = state.hold();
    for (const name of names) await start(project, { name, state, line, context });
    if (line.has("--json")) context.output.json(names.map((name) => state.record(name)));
    return 0;
  },
};

interface Start {
  readonly name: string;
  readonly state: ServiceState;
  readonly line: CommandLine;
  readonly context: CommandContext;
}

async function start(project: Project, { name, state, line, context }: Start): Promise<void> {
  const say = (text: string) => !line.has("--json") && context.output.line(`${name}: ${text}`);
  if (state.isRunning(name)) {
    say("runs already");
    return;
  }
  const { manifest } = project;
  const service = serviceOf(manifest, name);
  const own = { ...project, environment: service.environment ?? project.environment };
  const environment = await environmentOfProject(own, { line, context });
  const planOf = (run: string | readonly string[]) =>
    planNamed(environment, {
      manifest,
      task: service,
      argv: commandLineOf(run, { name, args: [] }),
      line,
      context,
    });
  const check = service.ready?.command;
  const pid = await startService({
    manifest,
    name,
    service,
    plan: await planOf(service.run),
    readyPlan: check === undefined ? undefined : await planOf(check),
    state,
    signal: context.signal,
  });
  say(service.ready ? `ready, process ${pid}` : `started, process ${pid}`);
}
