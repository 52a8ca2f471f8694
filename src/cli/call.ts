/** One call of a program: what its command is given to work with. */
import { CopseError } from "#base";
import { readSettings, type Settings } from "#build/settings";
import type { CommandLine } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { LOG_FORMATS, type LogFormat } from "./log/log-view.ts";
import { Output, type Voice } from "./output.ts";

export class Call implements CommandContext {
  readonly output: Output;
  readonly env = process.env;
  readonly cwd = process.cwd();
  readonly programName: string;
  #line: CommandLine | undefined;
  #settings: Settings | undefined;
  #abort: AbortController | undefined;

  constructor(programName: string) {
    this.programName = programName;
    this.output = new Output(voiceOf(programName));
  }

  /** What the command line says of output; its settings are read when they are asked for. */
  take(line: CommandLine): void {
    this.#line = line;
    this.output.quiet = line.has("--quiet");
    this.output.verbosity = line.has("--debug") ? Number.POSITIVE_INFINITY : line.all("--verbose").length;
    this.output.showTrace = line.has("--show-trace");
    this.output.logFormat = readLogFormat(line.value("--log-format"));
    if (line.has("--print-build-logs")) this.output.showBuildOutput = true;
    if (line.has("--no-build-output")) this.output.showBuildOutput = false;
    this.output.jsonLogPath = line.value("--json-log-path");
  }

  get settings(): Settings {
    if (this.#settings) return this.#settings;
    this.#settings = readSettings({
      env: this.env,
      overrides: this.#line?.settings() ?? [],
      warn: (text) => this.output.warning(text),
    });
    this.output.announcesBuilds = this.#settings["print-missing"];
    this.output.showTrace ||= this.#settings["show-trace"];
    this.output.jsonLogPath ??= this.#settings["json-log-path"] ?? undefined;
    return this.#settings;
  }

  /**
   * Made when it is first asked for. Until then Ctrl-C ends the process at once, as it must: evaluation is synchronous,
   * and a handler in JavaScript would not run before it is over.
   */
  get signal(): AbortSignal {
    if (!this.#abort) {
      const controller = new AbortController();
      const interrupt = (name: "SIGINT" | "SIGTERM" | "SIGHUP", exitCode: number): void =>
        controller.abort(new CopseError("interrupted", `Interrupted by ${name}`, { exitCode }));
      process.once("SIGINT", () => interrupt("SIGINT", 130));
      process.once("SIGTERM", () => interrupt("SIGTERM", 143));
      process.once("SIGHUP", () => interrupt("SIGHUP", 129));
      this.#abort = controller;
    }
    return this.#abort.signal;
  }
}

function voiceOf(programName: string): Voice {
  if (programName === "nix") return "nix";
  return programName.startsWith("nix-") ? "nix-program" : "copse";
}

/** @throws CopseError `option-value`. */
function readLogFormat(text: string | undefined): LogFormat | undefined {
  const format = LOG_FORMATS.find((each) => each === text);
  if (text === undefined || format !== undefined) return format;
  throw new CopseError("option-value", `Option --log-format takes another format: \`${text}\``, {
    hint: `known are ${LOG_FORMATS.join(", ")}`,
  });
}
