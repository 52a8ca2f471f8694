/**
 * Builders of Nix's own, which in Nix run where programs do: what goes wrong in them stands in the build's log, and the
 * build has failed as any other.
 */
import { CopseError } from "#base";
import type { Builder } from "../context.ts";
import { checkOutcome } from "../program/outcome.ts";

export function asProgram(builder: Builder): Builder {
  return async (task) => {
    try {
      await builder(task);
    } catch (error) {
      if (!(error instanceof CopseError)) throw error;
      task.log(`error: ${error.message}\n`);
      checkOutcome(task, { exitCode: 1, signal: null }, await task.workDir());
    }
  };
}
