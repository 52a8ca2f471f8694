/** What a command is: its place in the help, its options, and a run that returns an exit code. */
import type { CommandLine, Option } from "./arguments.ts";
import type { Output } from "./output.ts";

export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What stands after `copse NAME`. */
  readonly usage: string;
  readonly options: readonly Option[];
  /** The first positional ends the options: for commands that run another. */
  readonly stopAtPositional?: boolean;
  /** How many arguments it takes beside options; any number where it is not said. */
  readonly maxPositionals?: number;
  /** A paragraph and examples below the options. */
  readonly details?: string;
  run(line: CommandLine, context: CommandContext): Promise<number>;
}

export interface CommandContext {
  readonly output: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by Ctrl-C and by termination. Ask for it only to wait with: see dispatch.ts. */
  readonly signal: AbortSignal;
  /** How the program was called: `copse`, `nix-shell`. */
  readonly programName: string;
}
