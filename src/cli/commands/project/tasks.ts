/** `copse tasks`: the tasks of copse.toml. */
import { taskNames, taskOf } from "#manifest";
import type { Command } from "../../command.ts";
import { loadProject, PROJECT_OPTION } from "../../project/load-project.ts";
import { formatTable } from "../../reports/table.ts";

export const command: Command = {
  name: "tasks",
  summary: "list the tasks of copse.toml",
  usage: "[OPTIONS]",
  maxPositionals: 0,
  options: [PROJECT_OPTION, { names: ["--json"], help: "print as JSON" }],
  async run(line, context) {
    const { manifest } = await loadProject(line, context);
    const tasks = taskNames(manifest).map((name) => ({ name, ...taskOf(manifest, name) }));
    if (line.has("--json")) {
      context.output.json(tasks.map((task) => ({ ...task, env: Object.fromEntries(task.env ?? []) })));
      return 0;
    }
    if (tasks.length === 0) {
      context.output.note("copse.toml has no [tasks]");
      return 0;
    }
    const rows = tasks.map(({ name, description, depends = [], run }) => [
      name,
      description ?? (typeof run === "string" ? firstLine(run) : run.join(" ")),
      depends.length > 0 ? `after ${depends.join(", ")}` : "",
    ]);
    context.output.raw(formatTable(["task", "", ""], rows));
    return 0;
  },
};

function firstLine(text: string): string {
  const [first = "", ...more] = text.trim().split("\n");
  return more.length > 0 ? `${first} …` : first;
}
