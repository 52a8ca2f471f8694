/**
 * The only place that prints. Results go to standard output, everything else to standard error, so that
 * `copse build | xargs` and `copse eval --json | jq` work whatever else there is to say.
 */
import { openSync, writeSync } from "node:fs";
import { type ByteString, bytesFromByteString, CopseError } from "#base";
import type { ProgressEvent } from "#build/progress";
import { JsonLog } from "./log/json-log.ts";
import type { LogFormat, LogView, Terminal } from "./log/log-view.ts";
import { ProgressDisplay } from "./log/progress-display.ts";
import { RawLog } from "./log/raw-log.ts";
import { colourStyle, plainStyle, renderError } from "./render-error.ts";

/** How a program speaks: as copse, as one of Nix's older programs (`nix-build`), or as `nix`. */
export type Voice = "copse" | "nix-program" | "nix";

export class Output {
  #view: LogView | undefined;
  #jsonFile: LogView | undefined;
  readonly voice: Voice;
  quiet = false;
  /** How often more was asked for. */
  verbosity = 0;
  /** Undefined: what suits the program and the terminal. */
  logFormat: LogFormat | undefined;
  /** File that gets the log as JSON too. */
  jsonLogPath: string | undefined;
  announcesBuilds = true;
  /** The lines that builders print. Those of a failed build are part of its error in any case. */
  showBuildOutput: boolean;
  showTrace = false;

  constructor(voice: Voice = "copse") {
    this.voice = voice;
    this.showBuildOutput = voice !== "nix";
  }

  /** Asked late: to open the stream takes longer than all else that a warm start does here. */
  get #isTerminal(): boolean {
    return process.stderr.isTTY === true && process.env["TERM"] !== "dumb";
  }

  /** Text as it is: raw strings, logs. */
  raw(text: string | Uint8Array): void {
    writeFully(1, typeof text === "string" ? Buffer.from(text) : text);
  }
  line(text: string): void {
    this.raw(`${text}\n`);
  }
  /** What values hold need not be text. */
  bytes(bytes: ByteString): void {
    this.raw(bytesFromByteString(bytes));
  }
  json(value: unknown): void {
    this.line(JSON.stringify(value, null, 2));
  }
  /** A remark for the person at the terminal. */
  note(text: string): void {
    if (!this.quiet) this.#above(`${text}\n`);
  }
  warning(text: string): void {
    this.#above(`warning: ${text}\n`);
  }
  /** What a check found to be wrong, where the work goes on. */
  problem(text: string): void {
    this.#above(`${text}\n`);
  }

  progress(event: ProgressEvent): void {
    if (event.kind === "message" && event.level === "chatty" && this.verbosity < 2) return;
    this.#logToFile(event);
    if (this.quiet && event.kind !== "message" && event.kind !== "line") return;
    if (event.kind === "line" && !this.showBuildOutput) return;
    this.#view ??= this.#openView();
    this.#view.handle(event);
  }
  endProgress(): void {
    this.#view?.close();
    this.#view = undefined;
  }

  /** Prints an error, those that go with it first. */
  error(error: unknown): void {
    this.endProgress();
    const style = this.#isTerminal && !process.env["NO_COLOR"] ? colourStyle : plainStyle;
    const options = {
      style,
      cwd: process.cwd(),
      showTrace: this.showTrace,
      showCode: this.voice === "copse",
      columns: process.stderr.columns,
    };
    if (error instanceof SuppressedError) {
      // Something failed, and then giving back what was open did too: mostly for the same reason.
      this.error(error.suppressed);
      if (String(error.error) !== String(error.suppressed)) this.error(error.error);
    } else if (error instanceof CopseError) {
      for (const each of this.#worthShowing([...error.related, error]))
        writeText(`${renderError(each, options)}\n`);
    } else {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      writeText(`${style.error("error[internal]")}: This is a bug in copse\n${detail}\n`);
    }
  }

  /** Nix repeats for each build that what it needs has failed; the failure itself is enough. */
  #worthShowing(errors: readonly CopseError[]): readonly CopseError[] {
    const causes = errors.filter(({ code }) => code !== "dependency-failed");
    return this.voice === "copse" && causes.length > 0 ? causes : errors;
  }

  #openView(): LogView {
    const format = this.logFormat ?? (this.voice !== "copse" && !this.#isTerminal ? "raw" : "bar");
    if (format === "internal-json") return new JsonLog({ write: writeText, prefix: "@nix " });
    if (format !== "raw") return new ProgressDisplay(this.#terminal());
    const buildOutput = this.voice === "nix" ? "named" : "plain";
    return new RawLog({ write: writeText, buildOutput, announcesBuilds: this.announcesBuilds });
  }

  #logToFile(event: ProgressEvent): void {
    if (this.jsonLogPath === undefined) return;
    if (!this.#jsonFile) {
      const fd = openSync(this.jsonLogPath, "w", 0o600);
      this.#jsonFile = new JsonLog({ write: (text) => writeFully(fd, Buffer.from(text)), prefix: "" });
    }
    this.#jsonFile.handle(event);
  }

  #above(text: string): void {
    if (this.#view) this.#view.handle({ kind: "message", level: "note", text: text.trimEnd() });
    else writeText(text);
  }

  #terminal(): Terminal {
    return {
      isInteractive: this.#isTerminal,
      columns: process.stderr.columns ?? 80,
      write: writeText,
      nowMs: () => performance.now(),
    };
  }
}

/** To standard error. */
function writeText(text: string): void {
  writeFully(2, Buffer.from(text));
}

/** Synchronous, so that nothing is lost when the process is replaced by the command that it enters. */
function writeFully(fd: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") process.exit(0);
      if (code !== "EAGAIN") throw error;
    }
  }
}
