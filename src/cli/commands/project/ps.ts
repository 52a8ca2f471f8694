/** `copse ps`: which services run. */
import type { Command } from "../../command.ts";
import { loadProject, PROJECT_OPTION } from "../../project/load-project.ts";
import { formatTable } from "../../reports/table.ts";
import { livingOf } from "../../services/processes.ts";
import { ServiceState } from "../../services/state.ts";

export const command: Command = {
  name: "ps",
  summary: "show which services of copse.toml run",
  usage: "[OPTIONS]",
  maxPositionals: 0,
  options: [PROJECT_OPTION, { names: ["--json"], help: "print as JSON" }],
  async run(line, context) {
    const { manifest } = await loadProject(line, context);
    const state = new ServiceState(manifest.folder, context.env);
    const names = new Set([
      ...(manifest.data.services?.keys() ?? []),
      ...state.records().map(({ name }) => name),
    ]);
    const found = [...names].map((name) => {
      const record = state.record(name);
      const processes = record ? livingOf(record) : [];
      const running = processes.length > 0 && record;
      const status = running ? (record.isReady ? "running" : "starting") : record ? "ended" : "stopped";
      return {
        name,
        state: status,
        ...(running && { pid: record.pid, processes: processes.length, startedAt: record.startedAt }),
        log: state.logFile(name),
      };
    });
    if (line.has("--json")) context.output.json(found);
    else if (found.length === 0) context.output.note("copse.toml has no [services]");
    else {
      const rows = found.map(({ name, state: status, pid, startedAt }) => [
        name,
        status,
        String(pid ?? ""),
        startedAt ?? "",
      ]);
      context.output.raw(formatTable(["service", "state", "process", "since"], rows));
    }
    return 0;
  },
};
