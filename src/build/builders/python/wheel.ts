/** `builtin:copse-wheel`: a wheel as a tree. See src/root/python/unpack-wheel.ts. */
import { readdir, stat } from "node:fs/promises";
import { byteStringFromText, CopseError, textFromByteString } from "#base";
import type { StorePath } from "#format";
import { type BuildTask, variable } from "../context.ts";

export async function unpackWheelOf(task: BuildTask): Promise<void> {
  const { store, workers, progress } = task.services;
  const wheel = await wheelFile(store.realPath(variable(task, "wheel") as StorePath));
  const notes = await workers.run(
    {
      kind: "unpack-wheel",
      wheelPath: byteStringFromText(wheel),
      fileName: fileNameOf(task, wheel),
      target: byteStringFromText(task.outputs.get("out") as string),
      python: variable(task, "python"),
      directUrl: task.drv.env.get("directUrl"),
    },
    task.signal,
  );
  for (const note of notes) {
    task.log(`${note}\n`);
    progress({ kind: "message", level: "warning", text: `${task.drv.name}: ${note}` });
  }
}

/** A fetched file is a wheel itself; what builds one leaves it, under its name, in a folder. */
async function wheelFile(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return path;
  const names = (await readdir(path)).filter((name) => name.endsWith(".whl"));
  const [only] = names;
  if (only !== undefined && names.length === 1) return `${path}/${only}`;
  throw new CopseError("wheel-build", `Build of a wheel left ${names.length} of them: \`${path}\``);
}

/** In the store its name has a hash before it, or was changed where the store allows less. */
function fileNameOf(task: BuildTask, path: string): string {
  const stated = task.drv.env.get("file");
  return stated === undefined ? path.slice(path.lastIndexOf("/") + 1) : textFromByteString(stated);
}
