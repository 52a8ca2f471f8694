/** The commands about a project: a folder with a copse.toml. */
import type { CommandTable } from "./command-table.ts";

export const PROJECT_COMMANDS: CommandTable = {
  init: () => import("./commands/project/init.ts"),
  add: () => import("./commands/project/add.ts"),
  remove: () => import("./commands/project/remove.ts"),
  update: () => import("./commands/project/update.ts"),
  outdated: () => import("./commands/project/outdated.ts"),
  tree: () => import("./commands/project/tree.ts"),
  why: () => import("./commands/project/why.ts"),
  "data add": () => import("./commands/project/data-add.ts"),
  up: () => import("./commands/project/up.ts"),
  down: () => import("./commands/project/down.ts"),
  ps: () => import("./commands/project/ps.ts"),
  logs: () => import("./commands/project/logs.ts"),
  import: () => import("./commands/project/import.ts"),
  export: () => import("./commands/project/export.ts"),
  tasks: () => import("./commands/project/tasks.ts"),
  eject: () => import("./commands/project/eject.ts"),
  schema: () => import("./commands/project/schema.ts"),
};
