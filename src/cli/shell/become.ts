/** The end of every command that enters something: this process becomes another program. */
import { CopseError } from "#base";
import type { EntryPlan } from "#sandbox/entry";

/** @throws CopseError `launcher-failed`. */
export function become(plan: EntryPlan): never {
  if (!process.execve) throw new CopseError("node-too-old", "This Node cannot become another program");
  process.execve(plan.file, plan.args, plan.env);
  throw new CopseError("launcher-failed", `The launcher could not be started: \`${plan.file}\``);
}
