/** A command line that cannot be meant. */
import { CopseError } from "#base";

export function usageError(message: string, hint = "`--help` shows what the command takes"): CopseError {
  return new CopseError("usage", message, { hint });
}
