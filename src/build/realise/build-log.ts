/**
 * Build logs: written while a build runs to the place where C++ Nix looks for them, and handed on line by line
 * for display. `<logDir>/drvs/<two characters>/<rest of the derivation's base name>`.
 */
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import { StringDecoder } from "node:string_decoder";
import { CopseError } from "#base";
import { decodeBzip2, type StorePath } from "#format";
import { buildLogFile, type StorePlace } from "#store";

export interface BuildLog extends AsyncDisposable {
  write(chunk: Uint8Array | string): void;
  /** The last lines so far, the unfinished one too. */
  tail(lines: number): readonly string[];
}

export interface BuildLogOptions {
  /** Whether there is a file. */
  readonly isKept: boolean;
  /** Whether a file is made where nothing is printed. */
  readonly mayBeEmpty: boolean;
  onLine(line: string): void;
}

/** The longest line that is passed on for display; a build that prints no newline must not fill the memory. */
const LINE_CHARACTERS = 4096;
const TAIL_LINES = 1000;

export function openBuildLog(place: StorePlace, drvPath: StorePath, options: BuildLogOptions): BuildLog {
  const path = buildLogFile(place, drvPath);
  const decoder = new StringDecoder("utf8");
  let file: ReturnType<typeof createWriteStream> | undefined;
  let partial = "";
  let recent: string[] = [];
  const line = (text: string): void => {
    const shown = text.slice(0, LINE_CHARACTERS);
    recent.push(shown);
    if (recent.length > 2 * TAIL_LINES) recent = recent.slice(-TAIL_LINES);
    options.onLine(shown);
  };
  const open = () => {
    mkdirSync(dirname(path), { recursive: true });
    return createWriteStream(path);
  };
  if (options.isKept && options.mayBeEmpty) file = open();
  return {
    write(chunk) {
      if (options.isKept) file ??= open();
      file?.write(chunk);
      const text = typeof chunk === "string" ? chunk : decoder.write(Buffer.from(chunk));
      const lines = (partial + text).split("\n");
      partial = (lines.pop() as string).slice(0, LINE_CHARACTERS);
      lines.forEach(line);
    },
    tail(count) {
      const lines = partial === "" ? recent : [...recent, partial];
      return count === 0 ? [] : lines.slice(-count);
    },
    async [Symbol.asyncDispose]() {
      if (partial !== "") line(partial);
      partial = "";
      if (!file) return;
      file.end();
      await finished(file);
    },
  };
}

/** More than a log is ever read for. */
const MAX_LOG_BYTES = 1 << 30;

/** Plain, or compressed as C++ Nix writes them. @throws CopseError `log-missing`, `bzip2-invalid`. */
export function readBuildLog(place: StorePlace, drvPath: StorePath): Uint8Array {
  const file = buildLogFile(place, drvPath);
  const plain = readIfThere(file);
  if (plain) return plain;
  const compressed = readIfThere(`${file}.bz2`);
  if (compressed) return decodeBzip2(compressed, { maxBytes: MAX_LOG_BYTES });
  throw logMissing(drvPath);
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function logMissing(drvPath: StorePath): CopseError {
  return new CopseError("log-missing", `build log of '${drvPath}' is not available`, {
    hint: "it was built elsewhere, printed nothing, or was not built yet",
  });
}
