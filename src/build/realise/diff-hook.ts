/**
 * The setting `diff-hook`: a program that compares two builds of one output. Its arguments are the two trees, the
 * derivation and a folder for its own files; what it prints is shown, how it ends does not count.
 */
import { CopseError } from "#base";
import type { BuildTask } from "../builders/context.ts";
import { runHook } from "./hook-program.ts";

export async function runDiffHook(
  task: BuildTask,
  call: { readonly hook: string; readonly before: string; readonly after: string },
): Promise<void> {
  const { progress } = task.services;
  const note = (text: string): void => progress({ kind: "message", level: "note", text });
  try {
    await runHook({
      program: call.hook,
      args: [call.before, call.after, task.drvPath, await task.workDir()],
      env: {},
      onLine: note,
      signal: task.signal,
    });
  } catch (error) {
    if (!(error instanceof CopseError) || error.code !== "hook-failed") throw error;
    progress({ kind: "message", level: "warning", text: `diff-hook: ${error.message}` });
  }
}
