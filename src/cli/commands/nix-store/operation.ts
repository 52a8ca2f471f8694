/** What the operations of `nix-store` have in common. */
import type { Store } from "#store";
import type { CommandLine } from "../../arguments.ts";
import type { CommandContext } from "../../command.ts";
import { openSession } from "../../session.ts";
import { usageError } from "../../usage-error.ts";

/** Opens the store for one operation. */
export async function withStore<T>(
  line: CommandLine,
  context: CommandContext,
  work: (store: Store) => T | Promise<T>,
): Promise<T> {
  await using session = openSession(line, context);
  return await work(session.store);
}

/** @throws CopseError `usage`. */
export function expectNoArguments(line: CommandLine): void {
  if (line.positionals.length > 0) throw usageError("no arguments expected");
}

/** The one argument that there must be. @throws CopseError `usage`. */
export function onlyArgument(line: CommandLine, message = "only one argument allowed"): string {
  const [one, another] = line.positionals;
  if (one === undefined || another !== undefined) throw usageError(message);
  return one;
}
