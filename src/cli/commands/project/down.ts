/** `copse down`: stops services, those that depend on others first. */
import { type Manifest, serviceOf, servicesInOrder } from "#manifest";
import type { Command } from "../../command.ts";
import { loadProject, PROJECT_OPTION } from "../../project/load-project.ts";
import { ServiceState } from "../../services/state.ts";
import { stopService } from "../../services/stop-service.ts";

export const command: Command = {
  name: "down",
  summary: "stop the services of copse.toml",
  usage: "[OPTIONS] [SERVICE...]",
  completes: [],
  options: [PROJECT_OPTION, { names: ["--json"], help: "print what was stopped as JSON" }],
  details: `
All that run, or those that are named and what depends on them. A service is asked to end (SIGTERM), with all that it has
started; what is left after ten seconds is killed.`,
  async run(line, context) {
    const { manifest } = await loadProject(line, context);
    const state = new ServiceState(manifest.folder, context.env);
    for (const name of line.positionals) if (!state.record(name)) serviceOf(manifest, name);
    using _held = state.hold();
    const stopped: string[] = [];
    for (const name of toStop(manifest, state, line.positionals)) {
      if (!(await stopService(state, name))) continue;
      stopped.push(name);
      if (!line.has("--json")) context.output.line(`${name}: stopped`);
    }
    if (line.has("--json")) context.output.json(stopped);
    else if (stopped.length === 0) context.output.note("nothing was running");
    return 0;
  },
};

/** Services that copse.toml no longer has are stopped too, at the end. */
function toStop(manifest: Manifest, state: ServiceState, named: readonly string[]): string[] {
  const started = state.records().map(({ name }) => name);
  const known = servicesInOrder(manifest, [...(manifest.data.services?.keys() ?? [])]).reverse();
  const order = [...known, ...started.filter((name) => !known.includes(name))];
  const isWanted = (name: string) =>
    named.length === 0 ||
    named.includes(name) ||
    (known.includes(name) && servicesInOrder(manifest, [name]).some((needed) => named.includes(needed)));
  return order.filter((name) => started.includes(name) && isWanted(name));
}
