/**
 * Other programs, and the surroundings that they get from us: environment, working directory. Arguments are
 * always a list; no shell is involved unless it is the program.
 */
import { CopseError } from "#base";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Command {
  /** A path, or a name to be looked for in PATH of `env`. */
  readonly file: string;
  readonly args?: readonly string[] | undefined;
  readonly cwd?: string | undefined;
  /** The whole environment; default is our own. */
  readonly env?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Replacement {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Environment;
}

export interface Exit {
  /** 0 to 255; 128 plus the signal's number where one ended the process, as shells say it. */
  readonly exitCode: number;
  readonly signal: string | undefined;
}

export interface CapturedRun extends Exit {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export interface RunOptions {
  readonly stdin?: Uint8Array | string | undefined;
  /** Of each stream; more ends the process, with an error `output-too-large`. Default 64 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /** Where a stream goes; default `capture`. */
  readonly stdout?: "capture" | "inherit" | "ignore" | undefined;
  readonly stderr?: "capture" | "inherit" | "ignore" | undefined;
}

export interface RunningProcess {
  readonly pid: number;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array | string): Promise<void>;
  endInput(): void;
  kill(signal?: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
}

export interface Processes {
  readonly env: Environment;
  readonly cwd: string;
  /**
   * Runs to the end. Another exit code than 0 is no error here: see `checkExit`. When the signal aborts, the
   * process is killed and the signal's reason thrown. Throws CopseError `program-missing`.
   */
  run(command: Command, options?: RunOptions): Promise<CapturedRun>;
  /** Starts it with pipes to all three streams, which must be read. */
  spawn(command: Command): Promise<RunningProcess>;
  /** The absolute path of a program in PATH, if it is there. */
  find(name: string, env?: Environment): string | undefined;
  /** Becomes that program: same process, same terminal, nothing in between. */
  replace(command: Replacement): never;
}

/** Throws CopseError `program-failed`, with the end of what the program said, unless it exited with 0. */
export function checkExit(command: Command, result: CapturedRun): CapturedRun {
  if (result.exitCode === 0) return result;
  const said = result.stderr.toString("utf8").trim().split("\n").slice(-10).join("\n");
  const how = result.signal ? `was ended by ${result.signal}` : `failed with exit code ${result.exitCode}`;
  throw new CopseError(
    "program-failed",
    `Program ${how}: \`${command.file}\``,
    said === "" ? {} : { hint: said },
  );
}

export function programMissing(file: string, cause?: unknown): CopseError {
  return new CopseError("program-missing", `Program not found: \`${file}\``, { cause });
}

export function outputTooLarge(file: string, maxBytes: number): CopseError {
  return new CopseError("output-too-large", `Program wrote more than ${maxBytes} bytes: \`${file}\``);
}

export const DEFAULT_MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
