/** Checking the store, with what the commands for it print. */
import { isCopseError } from "#base";
import type { Session } from "#build";
import { formatPrefixedHash, type Hash, type StorePath } from "#format";
import type { CommandContext } from "../command.ts";
import { remakePath } from "./repairing.ts";

/** How many errors are left. */
export async function verifyStore(
  session: Session,
  context: CommandContext,
  options: { readonly checkContents: boolean; readonly repair: boolean },
): Promise<number> {
  const { output, signal } = context;
  const { errors } = await session.store.verify({
    checkContents: options.checkContents,
    ...(options.repair && { repair: (path: StorePath) => repaired(session, path, context) }),
    onEvent: (event) => {
      if (event.kind === "problem") output.problem(event.text);
      else output.note(event.text);
    },
    signal,
  });
  return errors;
}

async function repaired(session: Session, path: StorePath, context: CommandContext): Promise<boolean> {
  try {
    await remakePath(session, path);
    return true;
  } catch (error) {
    if (!isCopseError(error)) throw error;
    context.output.warning(error.message);
    return false;
  }
}

/** What is said of a path whose contents are not as they were. */
export function modifiedMessage(
  path: StorePath,
  { expected, actual }: { readonly expected: Hash; readonly actual: Hash },
): string {
  const [before, now] = [expected, actual].map((hash) => formatPrefixedHash(hash, "nix32"));
  return `path '${path}' was modified! expected hash '${before}', got '${now}'`;
}
