/**
 * The only place that prints. Results go to standard output, everything else to standard error, so that
 * `copse build | xargs` and `copse eval --json | jq` work whatever else there is to say.
 */
import { writeSync } from "node:fs";
import { CopseError } from "#base";
import type { ProgressEvent } from "#build/progress";
import { ProgressDisplay, type Terminal } from "./progress-display.ts";
import { colourStyle, plainStyle, renderError } from "./render-error.ts";

export class Output {
  #display: ProgressDisplay | undefined;
  quiet = false;
  /** The lines that builders print. Those of a failed build are part of its error in any case. */
  showBuildOutput = true;
  showTrace = false;

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

  progress(event: ProgressEvent): void {
    if (this.quiet && event.kind !== "message" && event.kind !== "line") return;
    if (event.kind === "line" && !this.showBuildOutput) return;
    this.#display ??= new ProgressDisplay(this.#terminal());
    this.#display.handle(event);
  }
  endProgress(): void {
    this.#display?.close();
    this.#display = undefined;
  }

  /** Prints an error and gives the exit code that it asks for: 1 what the user can mend, 2 a bug of ours. */
  error(error: unknown): number {
    this.endProgress();
    const style = this.#isTerminal && !process.env["NO_COLOR"] ? colourStyle : plainStyle;
    if (error instanceof CopseError) {
      const options = { style, cwd: process.cwd(), showTrace: this.showTrace };
      writeFully(2, Buffer.from(`${renderError(error, options)}\n`));
      return error.exitCode;
    }
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    writeFully(2, Buffer.from(`${style.error("error[internal]")}: This is a bug in copse\n${detail}\n`));
    return 2;
  }

  #above(text: string): void {
    if (this.#display) this.#display.handle({ kind: "message", level: "note", text: text.trimEnd() });
    else writeFully(2, Buffer.from(text));
  }

  #terminal(): Terminal {
    return {
      isInteractive: this.#isTerminal,
      columns: process.stderr.columns ?? 80,
      write: (text) => writeFully(2, Buffer.from(text)),
      nowMs: () => performance.now(),
    };
  }
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
