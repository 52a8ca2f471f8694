/**
 * One command at a time edits a project. An edit reads copse.toml, solves for what may be minutes, and writes: of two
 * at once, one would take back what the other has written. The second one waits, and then reads what the first has left.
 */
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "#fetch";
import { tryLockDescriptor, waitForLock } from "#store";
import type { CommandContext } from "../command.ts";

export async function holdProject(
  manifest: string,
  { env, output, signal }: Pick<CommandContext, "env" | "output" | "signal">,
): Promise<Disposable> {
  const folder = join(cacheDirectory(env), "projects");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${createHash("sha256").update(manifest).digest("hex").slice(0, 24)}.lock`);
  // Never removed: who waits for a file that is gone would hold nothing.
  const descriptor = openSync(file, "a");
  try {
    if (!tryLockDescriptor(descriptor, file)) {
      output.note("another copse edits this project: waiting for it");
      await waitForLock(descriptor, file, { signal });
    }
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return { [Symbol.dispose]: () => closeSync(descriptor) };
}
