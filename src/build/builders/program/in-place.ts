/**
 * A program on the machine's own paths: it may see everything that the caller may, and writes to the store itself. What
 * it leaves there of a build that fails is taken away.
 */
import { renameSync } from "node:fs";
import { byteStringFromText } from "#base";
import type { StorePath } from "#format";
import { runInPlace } from "#sandbox";
import { removeTree } from "#store";
import type { BuildTask } from "../context.ts";
import type { DerivationOptions } from "../derivation-options.ts";
import { borrowBuildUser } from "./build-users.ts";
import { prepareEnvironment } from "./environment.ts";
import { checkOutcome, fromShell } from "./outcome.ts";
import { placeholdersOf } from "./placeholders.ts";
import { copyRewritten, type Redirection, redirectValidOutputs } from "./redirection.ts";
import { builderArguments } from "./sandboxed.ts";
import { takeOutput } from "./take-outputs.ts";

/** Throws CopseError `build-failed`, and what taking the outputs throws. */
export async function buildInPlace(task: BuildTask, options: DerivationOptions): Promise<void> {
  const redirection = redirectValidOutputs(task);
  const buildDir = await task.buildDir();
  const seenAt = byteStringFromText(buildDir);
  const rewrites = new Map([
    ...placeholdersOf(task.drv, (output) => redirection.pathOf.get(output) as StorePath),
    ...redirection.outward,
  ]);
  const env = await prepareEnvironment(task, { options, buildDir, seenAt, rewrites });
  await using user = await borrowBuildUser(task, buildDir);
  const made = [...redirection.pathOf].map(([name, path]) => ({
    name,
    made: task.services.store.realPath(path),
    owner: user?.uid,
  }));
  const removeMade = () => {
    for (const output of made) removeTree(byteStringFromText(output.made));
  };
  removeMade();
  // A collector would take a path that is not valid for something left behind.
  task.services.store.addTempRoots(redirection.pathOf.values());
  try {
    const outcome = await runInPlace(
      {
        env: Object.fromEntries(env),
        argv: builderArguments(task, rewrites),
        directory: seenAt,
        system: task.drv.system,
        filterSyscalls: task.services.nix["filter-syscalls"],
        user,
      },
      { signal: task.signal, onOutput: task.log },
    );
    await user?.endProcesses();
    checkOutcome(task, fromShell(outcome), buildDir);
    for (const output of made) takeOutput(task, output);
    await rewriteOutputs(task, redirection);
  } catch (error) {
    removeMade();
    throw error;
  }
}

async function rewriteOutputs(task: BuildTask, redirection: Redirection): Promise<void> {
  if (redirection.inward.size === 0) return;
  for (const output of task.outputs.values()) {
    const source = task.services.store.tempPath();
    renameSync(output, source);
    try {
      await copyRewritten({ source, target: output, rewrites: redirection.inward, signal: task.signal });
    } finally {
      removeTree(byteStringFromText(source));
    }
  }
}
