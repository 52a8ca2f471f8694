/** `builtin:fetchurl`: one file by its hash, from `url` or the first of `urls` that has it. */
import { chmod } from "node:fs/promises";
import { CopseError } from "#base";
import { type Derivation, fixedOutput, type Hash, parseHash } from "#format";
import { type BuildTask, variable, words } from "./context.ts";

/** Whether a URL names an archive of the user's configuration, such as `apt:debian/pool/…`. */
function isArchived(url: string): boolean {
  return url.startsWith("apt:");
}

/** Whether what `fetchUrl` leaves was compared with its hash while it was written. */
export function isFetchedVerified(drv: Derivation): boolean {
  const urls = [drv.env.get("url") ?? "", ...(drv.env.get("urls") ?? "").split(" ")];
  const isFlat = !drv.outputs.get("out")?.hashAlgo.startsWith("r:");
  return isFlat && urls.every((url) => url === "" || isArchived(url));
}

export async function fetchUrl(task: BuildTask): Promise<void> {
  const output = task.outputs.get("out") as string;
  if (!fixedOutput(task.drv)) {
    throw new CopseError("fetch-without-hash", `A fetch must say what hash it gives: \`${task.drv.name}\``, {
      hint: "set outputHash; lib.fakeHash makes the build print the right one",
    });
  }
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
        // Of an archive's mirrors the next is tried if one has something else. What an expression names itself is
        // compared when it is registered, with words for who wrote the hash.
        ...(expectedHash && isArchived(url) && { expectedHash }),
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
