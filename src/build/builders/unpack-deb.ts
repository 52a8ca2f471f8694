/** `builtin:copse-unpack-deb`: one Debian package as a tree. See src/root. */
import { findXzProgram, unpackDeb } from "#root";
import { type BuildTask, variable } from "./context.ts";

export async function unpackDebOf(task: BuildTask): Promise<void> {
  await unpackDeb({
    debPath: task.services.store.realPath(variable(task, "deb")),
    target: task.outputs.get("out") as string,
    pool: task.services.workers,
    xzProgram: findXzProgram(process.env["PATH"]),
    signal: task.signal,
  });
}
