/** An ordinary derivation: its program, run in the sandbox or in place, and what it made taken from there. */
import { isCopseError } from "#base";
import type { BuildTask } from "../context.ts";
import { type DerivationOptions, parseDerivationOptions } from "../derivation-options.ts";
import { buildInPlace } from "./in-place.ts";
import { chooseIsolation } from "./isolation.ts";
import { checkRequirements } from "./requirements.ts";
import { buildInSandbox } from "./sandboxed.ts";

export async function buildProgram(task: BuildTask): Promise<void> {
  const options = parseDerivationOptions(task.drv);
  for (const text of options.warnings) task.services.progress({ kind: "message", level: "warning", text });
  checkRequirements({ drvPath: task.drvPath, drv: task.drv, options, settings: task.services.nix });
  task.services.progress({
    kind: "message",
    level: "chatty",
    text: `executing builder '${task.drv.builder}'`,
  });
  const isolation = chooseIsolation(task, options);
  if (isolation.kind === "in-place") await buildInPlace(task, options);
  else if (isolation.canFallBack) await buildInSandboxIfPossible(task, options);
  else await buildInSandbox(task, options);
}

/** A sandbox that cannot be set up has not run anything of the build. */
async function buildInSandboxIfPossible(task: BuildTask, options: DerivationOptions): Promise<void> {
  try {
    await buildInSandbox(task, options);
  } catch (error) {
    if (!isCopseError(error, "sandbox-setup")) throw error;
    task.services.progress({
      kind: "message",
      level: "warning",
      text:
        "auto-disabling sandboxing because the prerequisite namespaces are not available and 'sandbox-fallback' is enabled; " +
        "use '--no-sandbox' or specify 'sandbox = false' setting to silence this warning",
    });
    await buildInPlace(task, options);
  }
}
