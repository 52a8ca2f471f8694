/** `copse why`: the shortest ways from what copse.toml asks for to a package. */
import { CopseError } from "#base";
import { environmentsOf } from "#manifest";
import type { Command } from "../../command.ts";
import { loadProject, PROJECT_OPTION } from "../../project/load-project.ts";
import { ENVIRONMENT_OPTION } from "../../project/project-target.ts";
import { type PythonGraph, pythonGraph, requirePackage } from "../../project/python-graph.ts";

export const command: Command = {
  name: "why",
  summary: "explain why a package is there",
  usage: "[OPTIONS] NAME",
  maxPositionals: 1,
  completes: [],
  options: [PROJECT_OPTION, ENVIRONMENT_OPTION, { names: ["--json"], help: "print the ways as JSON" }],
  async run(line, context) {
    const [given] = line.positionals;
    if (given === undefined)
      throw new CopseError("package-missing", "Which package?", { hint: "copse why NAME" });
    const { manifest, environment } = await loadProject(line, context);
    const contents = environmentsOf(manifest).find(({ name }) => name === environment);
    const graph = pythonGraph(manifest, environment);
    const users = [...(graph?.packages.values() ?? [])].filter(({ system }) => system?.includes(given));
    const isAsked = contents?.systemPackages.some(({ text }) => text === given) ?? false;
    const ways =
      isAsked || users.length > 0
        ? [...(isAsked ? [[given]] : []), ...users.map(({ name }) => [name, given])]
        : waysTo(graph, requirePackage(graph, given));
    if (line.has("--json")) context.output.json(ways);
    else for (const way of ways) context.output.line(explain(way, graph));
    return 0;
  },
};

/** One shortest way from each root that leads there. */
function waysTo(graph: PythonGraph | undefined, name: string): string[][] {
  return (graph?.roots ?? []).flatMap((root) => {
    const cameFrom = new Map<string, string | undefined>([[root, undefined]]);
    const queue = [root];
    for (let at = queue.shift(); at !== undefined && !cameFrom.has(name); at = queue.shift()) {
      for (const next of graph?.dependenciesOf(at) ?? []) {
        if (cameFrom.has(next)) continue;
        cameFrom.set(next, at);
        queue.push(next);
      }
    }
    if (!cameFrom.has(name)) return [];
    const way: string[] = [];
    for (let at: string | undefined = name; at !== undefined; at = cameFrom.get(at)) way.unshift(at);
    return [way];
  });
}

function explain(way: readonly string[], graph: PythonGraph | undefined): string {
  const words = way.map((name) => graph?.labelOf(name) ?? name);
  return `copse.toml → ${words.join(" → ")}`;
}
