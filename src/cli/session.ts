/** A session with the settings that a command line gives. */
import { Session } from "#build";
import type { CommandLine } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { hostSystem } from "./host-system.ts";
import { usageError } from "./usage-error.ts";

export function openSession(
  line: CommandLine,
  context: CommandContext,
  options: { readonly updateLock?: boolean; readonly readOnly?: boolean } = {},
): Session {
  return new Session({
    env: context.env,
    settings: { ...context.settings, "pure-eval": isPure(line, context) },
    system: line.value("--system") ?? hostSystem(),
    frozen: line.has("--frozen"),
    updateLock: options.updateLock ?? false,
    readOnly: options.readOnly || line.has("--readonly-mode"),
    progress: (event) => context.output.progress(event),
    get signal() {
      return context.signal;
    },
  });
}

/**
 * The subcommands of `nix` evaluate purely unless they are told otherwise or are given a file; the other programs, and
 * copse, do so only where it is asked for.
 *
 * @throws CopseError `usage`.
 */
function isPure(line: CommandLine, context: CommandContext): boolean {
  const isNix = context.programName === "nix";
  const asked = line.settings().findLast(({ name }) => name === "pure-eval");
  if (!isNix) return context.settings["pure-eval"];
  if (line.value("--file") !== undefined) {
    if (asked && context.settings["pure-eval"])
      throw usageError("'--file' is not compatible with '--pure-eval'");
    return false;
  }
  return asked === undefined || context.settings["pure-eval"];
}
