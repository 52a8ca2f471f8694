/** How commands end while a script is read without being run. */
import type { Truth } from "./shell/shell-conditions.ts";

export interface Outcome {
  /** Whether the last command succeeded. */
  readonly truth: Truth;
  /** A list of commands ends by its end, or by leaving what it stands in. */
  readonly ending: "end" | "exit" | "return" | "break";
}

export const PASSED: Outcome = { truth: true, ending: "end" };
/** Either may be. */
export const OPEN: Outcome = { truth: undefined, ending: "end" };

export function endWith(truth: Truth): Outcome {
  return { truth, ending: "end" };
}
