/** The worker thread's side of the pool: one task after the other, each answered with one message. */
import { parentPort } from "node:worker_threads";
import { CopseError } from "#base";
import { makePythonEnvironment } from "./python/python-environment.ts";
import { unpackWheel } from "./python/unpack-wheel.ts";
import type { RootTask, RootTaskAnswer } from "./root-task.ts";
import { unpackPackage } from "./unpacking/unpack-package.ts";
import { buildView } from "./views/build-view.ts";
import { treeDigest } from "./views/view-digest.ts";

async function perform(task: RootTask): Promise<RootTaskAnswer["result"]> {
  switch (task.kind) {
    case "unpack":
      await unpackPackage(task);
      return undefined;
    case "unpack-wheel":
      return await unpackWheel(task);
    case "python-environment":
      return makePythonEnvironment(task);
    case "build-view":
      return buildView(task);
    case "view-digest":
      return treeDigest(task.directory);
  }
}

function describe(error: unknown): NonNullable<RootTaskAnswer["error"]> {
  if (error instanceof CopseError) return { code: error.code, message: error.message, hint: error.hint };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

parentPort?.on("message", async (task: RootTask) => {
  let answer: RootTaskAnswer;
  try {
    answer = { result: await perform(task) };
  } catch (error) {
    answer = { error: describe(error) };
  }
  parentPort?.postMessage(answer);
});
