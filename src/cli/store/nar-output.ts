/** Archives on the standard output. */
import { isatty } from "node:tty";
import { usageError } from "../usage-error.ts";

/** @throws CopseError `usage`: nobody wants to look at one. */
export function refuseTerminal(): void {
  if (isatty(1)) throw usageError("refusing to write NAR to a terminal", "redirect the output to a file");
}
