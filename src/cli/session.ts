/** A session with the settings that a command line gives. */
import { Session, type SessionOptions } from "#build";
import type { CommandLine } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { hostSystem } from "./host-system.ts";
import { usageError } from "./usage-error.ts";

export interface SessionChoices {
  readonly updateLock?: SessionOptions["updateLock"];
  readonly readOnly?: boolean;
  readonly examinesWheels?: boolean;
  /** The copse.toml that is at work: its `[sources]` count. */
  readonly manifest?: string | undefined;
}

export function openSession(
  line: CommandLine,
  context: CommandContext,
  options: SessionChoices = {},
): Session {
  return new Session({
    env: environmentFor(line, context, options),
    settings: { ...context.settings, "pure-eval": isPure(line, context) },
    system: line.value("--system") ?? hostSystem(),
    frozen: line.has("--frozen"),
    updateLock: options.updateLock ?? false,
    refreshIndexes: line.has("--refresh"),
    examinesWheels: options.examinesWheels ?? true,
    showsBuildLogs: line.has("--print-build-logs") || context.output.voice === "nix-program",
    readOnly: options.readOnly || line.has("--readonly-mode"),
    progress: (event) => context.output.progress(event),
    get signal() {
      return context.signal;
    },
  });
}

/** Under Nix's names, `--offline` means what it does there: nothing is taken from binary caches, and no more. */
function environmentFor(
  line: CommandLine,
  { env, programName }: CommandContext,
  { manifest }: SessionChoices,
): CommandContext["env"] {
  return {
    ...env,
    ...(manifest === undefined ? {} : { COPSE_MANIFEST: manifest }),
    ...(programName === "copse" && line.has("--offline") ? { COPSE_OFFLINE: "1" } : {}),
  };
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
