/** Programs that are functions, for tests. */
import {
  type CapturedRun,
  type Command,
  DEFAULT_MAX_OUTPUT_BYTES,
  type Environment,
  type Exit,
  outputTooLarge,
  type Processes,
  programMissing,
  type Replacement,
  type RunningProcess,
  type RunOptions,
} from "./processes.ts";

export interface ProgramCall {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  readonly stdin: Buffer;
  readonly signal: AbortSignal;
}

export interface ProgramResult {
  readonly exitCode?: number;
  readonly stdout?: string | Uint8Array;
  readonly stderr?: string | Uint8Array;
}

export type MemoryProgram = (call: ProgramCall) => ProgramResult | Promise<ProgramResult>;

/** Thrown by `replace`, which otherwise could not be seen. */
export class ReplacedProcess extends Error {
  readonly command: Replacement;

  constructor(command: Replacement) {
    super(`Process was replaced by ${command.file}`);
    this.command = command;
  }
}

export class MemoryProcesses implements Processes {
  readonly env: Environment;
  readonly cwd: string;
  /** What was run, in order. */
  readonly calls: Command[] = [];
  readonly #programs: ReadonlyMap<string, MemoryProgram>;

  /** `programs` by name or by absolute path; a name is found as `/bin/<name>`. */
  constructor(options: {
    readonly programs: Readonly<Record<string, MemoryProgram>>;
    readonly env?: Environment;
    readonly cwd?: string;
  }) {
    this.#programs = new Map(Object.entries(options.programs));
    this.env = options.env ?? {};
    this.cwd = options.cwd ?? "/";
  }

  async run(command: Command, options: RunOptions = {}): Promise<CapturedRun> {
    const result = await this.#call(command, Buffer.from((options.stdin ?? "") as string));
    const stdout = captured(options.stdout, result.stdout);
    const stderr = captured(options.stderr, result.stderr);
    const limit = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
    if (stdout.length > limit || stderr.length > limit) throw outputTooLarge(command.file, limit);
    return { ...exitOf(result), stdout, stderr };
  }

  async spawn(command: Command): Promise<RunningProcess> {
    if (this.find(command.file) === undefined) throw programMissing(command.file);
    const input: Buffer[] = [];
    const ended = Promise.withResolvers<void>();
    const killed = new AbortController();
    let endedBy: NodeJS.Signals | undefined;
    const signal = command.signal ? AbortSignal.any([command.signal, killed.signal]) : killed.signal;
    const result = ended.promise.then(() => this.#call({ ...command, signal }, Buffer.concat(input)));
    result.catch(() => {});
    return {
      pid: this.calls.length + 1000,
      stdout: later(result, "stdout"),
      stderr: later(result, "stderr"),
      write: async (bytes) => void input.push(Buffer.from(bytes as string)),
      endInput: () => ended.resolve(),
      kill: (by = "SIGTERM") => {
        endedBy = by;
        killed.abort(new Error(by));
        ended.resolve();
      },
      exited: result.then(exitOf, (error) => {
        if (endedBy === undefined) throw error;
        return { exitCode: 143, signal: endedBy };
      }),
    };
  }

  find(name: string): string | undefined {
    if (this.#programs.has(name)) return name.includes("/") ? name : `/bin/${name}`;
    const short = name.startsWith("/bin/") ? name.slice("/bin/".length) : "";
    return this.#programs.has(short) ? name : undefined;
  }

  replace(command: Replacement): never {
    throw new ReplacedProcess(command);
  }

  async #call(command: Command, stdin: Buffer): Promise<ProgramResult> {
    command.signal?.throwIfAborted();
    const name = command.file.replace(/^\/bin\//, "");
    const program = this.#programs.get(command.file) ?? this.#programs.get(name);
    if (program === undefined) throw programMissing(command.file);
    this.calls.push(command);
    const signal = command.signal ?? new AbortController().signal;
    const { args = [], cwd = this.cwd, env = this.env } = command;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return Promise.race([Promise.resolve(program({ args, cwd, env, stdin, signal })), aborted]);
  }
}

function exitOf(result: ProgramResult): Exit {
  return { exitCode: result.exitCode ?? 0, signal: undefined };
}

function captured(target: string | undefined, output: string | Uint8Array | undefined): Buffer {
  return target === undefined || target === "capture"
    ? Buffer.from((output ?? "") as string)
    : Buffer.alloc(0);
}

async function* later(
  result: Promise<ProgramResult>,
  stream: "stdout" | "stderr",
): AsyncGenerator<Uint8Array> {
  const output = (await result)[stream];
  if (output !== undefined && output.length > 0) yield Buffer.from(output as string);
}
