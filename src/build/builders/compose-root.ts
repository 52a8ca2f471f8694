/** `builtin:copse-root`: the manifest of a root and what its triggers make. See src/root. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { composeRoot } from "#root";
import { type BuildTask, variable, words } from "./context.ts";
import { runInView } from "./run-in-view.ts";

export async function composeRootOf(task: BuildTask): Promise<void> {
  const { store, workers, cores } = task.services;
  const trees = (name: string) =>
    words(task, name).map((storePath) => ({ storePath, realPath: store.realPath(storePath) }));
  const workDir = join(await task.workDir(), "compose");
  await mkdir(workDir);
  await composeRoot({
    suite: variable(task, "suite"),
    system: task.drv.system,
    packages: trees("packages"),
    bytecode: trees("bytecode"),
    target: task.outputs.get("out") as string,
    workDir,
    runInView: runInView(task),
    concurrency: cores,
    pool: workers,
    signal: task.signal,
  });
}
