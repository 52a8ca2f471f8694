/**
 * A build done again, beside what is registered: equal in every byte, or an error that shows where they differ. With
 * `repair`, files that no longer are what was registered are replaced by what came out now, if that is.
 */
import { existsSync } from "node:fs";
import { byteStringFromText, CopseError } from "#base";
import { hashesEqual, type StorePath } from "#format";
import { moveIntoPlace, type OutputRequest, type PathInfo, removeTree } from "#store";
import type { BuildTask } from "../builders/context.ts";
import { checkOutputs } from "../builders/output-checks.ts";
import { runDiffHook } from "./diff-hook.ts";
import { describeTreeDifferences } from "./tree-differences.ts";

/** @throws CopseError `build-not-deterministic`, and what describing an output throws. */
export async function checkAgainstRegistered(
  task: BuildTask,
  requests: readonly OutputRequest[],
): Promise<void> {
  const { store } = task.services;
  const before = store.queryOutputs(task.drvPath);
  for (const request of requests) {
    const made = await store.describeOutput(request, task.signal);
    checkOutputs(task, [made]);
    const name = [...task.drv.outputs].find(([, { path }]) => path === request.finalPath)?.[0] ?? "";
    const registeredAt = before.get(name) ?? request.finalPath;
    if (registeredAt !== request.finalPath) throw await notDeterministic(task, request, registeredAt);
    const registered = store.queryInfo(request.finalPath);
    if (task.mode === "repair") await repair(task, { request, made, registered });
    // Of outputs that are not there, there is nothing to compare.
    else if (registered && !hashesEqual(made.narHash, registered.narHash))
      throw await notDeterministic(task, request);
  }
}

interface Comparison {
  readonly request: OutputRequest;
  readonly made: PathInfo;
  readonly registered: PathInfo | undefined;
}

async function repair(task: BuildTask, { request, made, registered }: Comparison): Promise<void> {
  const { store } = task.services;
  if (!registered) {
    await store.registerOutputs([request], task.signal);
    return;
  }
  if ((await store.verifyPath(request.finalPath, task.signal)).isIntact) return;
  if (!hashesEqual(made.narHash, registered.narHash)) {
    throw new CopseError(
      "build-not-deterministic",
      `derivation '${task.drvPath}' may not be deterministic: output '${request.finalPath}' cannot be repaired, another build of it differs`,
    );
  }
  store.replaceContents(request.finalPath, request.tmpRealPath);
}

/** `registeredAt`: a floating output's path is another one if its contents are. */
async function notDeterministic(
  task: BuildTask,
  request: OutputRequest,
  registeredAt: StorePath = request.finalPath,
): Promise<CopseError> {
  const { store, nix } = task.services;
  const before = store.realPath(registeredAt);
  const differences = describeTreeDifferences({ before, after: request.tmpRealPath });
  const kept = nix["keep-failed"] ? keepOther(task, request) : undefined;
  if (nix["run-diff-hook"] && nix["diff-hook"] !== null) {
    await runDiffHook(task, { hook: nix["diff-hook"], before, after: kept?.real ?? request.tmpRealPath });
  }
  const from = kept === undefined ? "" : ` from '${kept.logical}'`;
  return new CopseError(
    "build-not-deterministic",
    `derivation '${task.drvPath}' may not be deterministic: output '${registeredAt}' differs${from}`,
    { hint: differences.join("\n") },
  );
}

/** The second build's output, beside the first as `….check`. */
function keepOther(
  task: BuildTask,
  { finalPath, tmpRealPath }: OutputRequest,
): { readonly logical: string; readonly real: string } {
  const logical = `${finalPath}.check`;
  const real = task.services.store.realPath(logical);
  if (existsSync(real)) removeTree(byteStringFromText(real));
  moveIntoPlace(byteStringFromText(tmpRealPath), byteStringFromText(real));
  return { logical, real };
}
