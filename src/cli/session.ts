/** A session with the settings that a command line gives. */
import { CopseError } from "#base";
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
    system: readSystem(line),
    frozen: line.has("--frozen"),
    updateLock: options.updateLock ?? false,
    readOnly: options.readOnly ?? false,
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

/** The systems that Debian packages can be locked for, whatever this machine is. */
const SYSTEMS = ["x86_64-linux", "aarch64-linux"];

function readSystem(line: CommandLine): string {
  const named = line.value("--system");
  if (named === undefined) return hostSystem();
  if (SYSTEMS.includes(named)) return named;
  throw new CopseError("option-value", `Option --system names a system that is not known: \`${named}\``, {
    hint: `known are ${SYSTEMS.join(", ")}`,
  });
}
