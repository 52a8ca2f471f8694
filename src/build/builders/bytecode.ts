/** `builtin:copse-bytecode`: the byte code of one package's Python files. See src/root. */
import type { StorePath } from "#format";
import { compileBytecode } from "#root";
import { type BuildTask, variable } from "./context.ts";
import { runInView } from "./run-in-view.ts";
import { viewOf } from "./views.ts";

export async function compileBytecodeOf(task: BuildTask): Promise<void> {
  const { store } = task.services;
  await compileBytecode({
    packageTree: store.realPath(variable(task, "package")),
    viewDir: await viewOf(task, variable(task, "root") as StorePath),
    python: variable(task, "python"),
    target: task.outputs.get("out") as string,
    runInView: runInView(task),
    signal: task.signal,
  });
}
