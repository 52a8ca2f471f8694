/** `builtin:fetchurl`: one file by its hash, from `url` or the first of `urls` that has it. */
import { chmod } from "node:fs/promises";
import { CopseError } from "#base";
import { type Hash, parseHash } from "#format";
import { type BuildTask, variable, words } from "./context.ts";

export async function fetchUrl(task: BuildTask): Promise<void> {
  const output = task.outputs.get("out") as string;
  const declared = task.drv.outputs.get("out");
  const executable = task.drv.env.get("executable") === "1";
  const urls = [...new Set([variable(task, "url"), ...words(task, "urls")])];
  const size = Number(task.drv.env.get("sizeBytes") ?? Number.NaN);
  const flat = declared !== undefined && declared.hashAlgo !== "" && !declared.hashAlgo.startsWith("r:");
  const expectedHash: Hash | undefined = flat
    ? parseHash(declared.hash, declared.hashAlgo as Hash["algorithm"])
    : undefined;
  let failure: unknown;
  for (const url of urls) {
    let reported = 0;
    try {
      await task.services.download({
        url,
        target: output,
        ...(expectedHash && { expectedHash }),
        ...(Number.isSafeInteger(size) && { sizeBytes: size }),
        signal: task.signal,
        onProgress({ bytes }) {
          task.services.progress({ kind: "bytes", id: task.drvPath, bytes: bytes - reported });
          reported = bytes;
        },
      });
      await chmod(output, executable ? 0o555 : 0o444);
      return;
    } catch (error) {
      if (!(error instanceof CopseError)) throw error;
      failure = error;
    }
  }
  throw failure;
}
