/** `builtin:copse-python-env`: packages merged into an environment. See src/root/python/python-environment.ts. */
import { byteStringFromText } from "#base";
import { type StorePath, storePathName } from "#format";
import type { PackageTree } from "#root";
import { type BuildTask, variable, words } from "../context.ts";

export async function makeEnvironmentOf(task: BuildTask): Promise<void> {
  const { store, workers, progress } = task.services;
  const place = (storePath: string) => ({
    storePath,
    realPath: byteStringFromText(store.realPath(storePath)),
  });
  const bytecode = words(task, "bytecode");
  const packages = words(task, "packages").map((path, index): PackageTree => {
    const compiled = bytecode[index];
    return {
      name: storePathName(path as StorePath).replace(/^python[0-9.]+-/, ""),
      tree: place(path),
      ...(compiled !== undefined && { bytecode: place(compiled) }),
    };
  });
  const notes = await workers.run(
    {
      kind: "python-environment",
      packages,
      python: variable(task, "python"),
      interpreter: task.drv.env.get("interpreter"),
      pythonVersion: variable(task, "pythonVersion"),
      storePath: variable(task, "out"),
      target: byteStringFromText(task.outputs.get("out") as string),
    },
    task.signal,
  );
  for (const note of notes) {
    task.log(`${note}\n`);
    progress({ kind: "message", level: "warning", text: note });
  }
}
