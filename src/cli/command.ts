/** What a command is: its place in the help, its options, and a run that returns an exit code. */
import type { Settings } from "#build/settings";
import type { CommandLine, Completion, Option } from "./arguments.ts";
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
  /** What the words mean before they are read: a script's own lines take its place. */
  rewriteArguments?(args: readonly string[]): readonly string[];
  /** What its arguments are, for the shell's completion. */
  readonly completes?: Completion;
  /** A paragraph and examples below the options. */
  readonly details?: string;
  /** For a program in which an option says which of several commands is meant: that command, and its words. */
  select?(
    args: readonly string[],
  ): Promise<{ readonly command: Command; readonly rest: readonly string[] } | undefined>;
  run(line: CommandLine, context: CommandContext): Promise<number>;
}

export interface CommandContext {
  readonly output: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Those of nix.conf, the environment and the command line. Read when first asked for. */
  readonly settings: Settings;
  /** Aborted by Ctrl-C and by termination. Ask for it only to wait with: see call.ts. */
  readonly signal: AbortSignal;
  /** How the program was called: `copse`, `nix-shell`. */
  readonly programName: string;
}
