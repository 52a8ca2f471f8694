/** `copse tree`: what the environment consists of, below what asked for it. */

import { environmentsOf } from "#manifest";
import type { Command } from "../../command.ts";
import { loadProject, PROJECT_OPTION } from "../../project/load-project.ts";
import { ENVIRONMENT_OPTION } from "../../project/project-target.ts";
import { type PythonGraph, pythonGraph } from "../../project/python-graph.ts";

export const command: Command = {
  name: "tree",
  summary: "show what depends on what",
  usage: "[OPTIONS]",
  maxPositionals: 0,
  options: [PROJECT_OPTION, ENVIRONMENT_OPTION, { names: ["--json"], help: "print as JSON" }],
  details: `
Packages of Python with all that they depend on, as copse.lock has it; (*) stands for what was shown above. Of Debian and R, what
copse.toml asks for.`,
  async run(line, context) {
    const { manifest, environment } = await loadProject(line, context);
    const graph = pythonGraph(manifest, environment);
    const contents = environmentsOf(manifest).find(({ name }) => name === environment);
    const system = (contents?.systemPackages ?? []).map(({ text }) => text);
    const r = (contents?.r ?? []).map(({ text }) => text);
    if (line.has("--json")) {
      const packages = [...(graph?.packages.values() ?? [])].map(({ name, version }) => ({
        name,
        version,
        dependencies: graph?.dependenciesOf(name),
      }));
      context.output.json({ system, r, python: { roots: graph?.roots ?? [], packages } });
      return 0;
    }
    const sections = [
      ["system", system],
      ["python", graph ? pythonLines(graph) : []],
      ["r", r],
    ] as const;
    for (const [title, lines] of sections) {
      if (lines.length === 0) continue;
      context.output.line(`${title}:`);
      for (const text of lines) context.output.line(`  ${text}`);
    }
    return 0;
  },
};

function pythonLines(graph: PythonGraph): string[] {
  const shown = new Set<string>();
  const lines: string[] = [];
  const visit = (name: string, prefix: string, below: string): void => {
    const needed = graph.dependenciesOf(name);
    const isRepeated = shown.has(name) && needed.length > 0;
    lines.push(`${prefix}${graph.labelOf(name)}${isRepeated ? " (*)" : ""}`);
    if (isRepeated) return;
    shown.add(name);
    needed.forEach((each, at) => {
      const isLast = at === needed.length - 1;
      visit(each, `${below}${isLast ? "└─ " : "├─ "}`, `${below}${isLast ? "   " : "│  "}`);
    });
  };
  for (const root of graph.roots) visit(root, "", "");
  return lines;
}
