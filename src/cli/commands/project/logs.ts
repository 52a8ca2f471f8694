/** `copse logs`: what services have printed. */
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CopseError } from "#base";
import { serviceOf } from "#manifest";
import type { Command, CommandContext } from "../../command.ts";
import { loadProject, PROJECT_OPTION } from "../../project/load-project.ts";
import { ServiceState } from "../../services/state.ts";

const DEFAULT_LINES = 100;
const POLL_MS = 200;
/** So much of the end of a log is looked at for its last lines. */
const TAIL_BYTES = 4 * 1024 * 1024;

export const command: Command = {
  name: "logs",
  summary: "show what services of copse.toml have printed",
  usage: "[OPTIONS] [SERVICE...]",
  completes: [],
  options: [
    PROJECT_OPTION,
    { names: ["--lines", "-n"], values: ["N"], help: `the last N lines (default: ${DEFAULT_LINES})` },
    { names: ["--follow"], help: "go on with what is printed from now on, until Ctrl-C" },
  ],
  async run(line, context) {
    const { manifest } = await loadProject(line, context);
    const state = new ServiceState(manifest.folder, context.env);
    for (const name of line.positionals) if (!existsSync(state.logFile(name))) serviceOf(manifest, name);
    const named =
      line.positionals.length > 0 ? line.positionals : [...(manifest.data.services?.keys() ?? [])];
    const count = readCount(line.value("--lines"));
    const names = named.filter((name) => existsSync(state.logFile(name)));
    if (names.length === 0) context.output.note("no service has been started");
    const logs = names.map((name) => new Log(name, state.logFile(name)));
    const print = (log: Log, lines: readonly string[]) => {
      for (const text of lines) context.output.line(logs.length > 1 ? `${log.name} | ${text}` : text);
    };
    for (const log of logs) print(log, log.lastLines(count));
    if (line.has("--follow")) await follow(logs, print, context);
    return 0;
  },
};

async function follow(
  logs: readonly Log[],
  print: (log: Log, lines: readonly string[]) => void,
  { signal }: CommandContext,
): Promise<void> {
  while (!signal.aborted) {
    for (const log of logs) print(log, log.newLines());
    await sleep(POLL_MS);
  }
}

/** @throws CopseError `option-value`. */
function readCount(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LINES;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new CopseError("option-value", `Option --lines takes a number, not: \`${text}\``);
}

/** A file that grows. */
class Log {
  readonly name: string;
  readonly #file: string;
  #at = 0;
  #rest = "";

  constructor(name: string, file: string) {
    this.name = name;
    this.#file = file;
  }

  lastLines(count: number): string[] {
    this.#at = Math.max(0, statSync(this.#file).size - TAIL_BYTES);
    return this.newLines().slice(-count || Number.POSITIVE_INFINITY);
  }

  /** Whole lines only. A log that has become shorter was begun anew. */
  newLines(): string[] {
    const { size } = statSync(this.#file);
    if (size < this.#at) this.#at = 0;
    const file = openSync(this.#file, "r");
    try {
      const bytes = Buffer.alloc(size - this.#at);
      const read = readSync(file, bytes, 0, bytes.length, this.#at);
      this.#at += read;
      const lines = (this.#rest + bytes.subarray(0, read).toString("utf8")).split("\n");
      this.#rest = lines.pop() ?? "";
      return lines;
    } finally {
      closeSync(file);
    }
  }
}
