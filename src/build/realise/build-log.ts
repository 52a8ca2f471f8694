/**
 * Build logs: written while a build runs to the place where C++ Nix looks for them, and handed on line by line
 * for display. `<logDir>/drvs/<two characters>/<rest of the derivation's base name>`.
 */
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import { CopseError } from "#base";
import type { StorePath } from "#format";
import { buildLogFile, type StorePlace } from "#store";

export interface BuildLog {
  write(chunk: Uint8Array | string): void;
  close(): Promise<void>;
}

/** The longest line that is passed on for display; a build that prints no newline must not fill the memory. */
const LINE_BYTES = 4096;

/** The file is made with the first output: most of what copse builds by itself has nothing to say. */
export function openBuildLog(
  place: StorePlace,
  drvPath: StorePath,
  onLine: (line: string) => void,
): BuildLog {
  const path = buildLogFile(place, drvPath);
  let file: ReturnType<typeof createWriteStream> | undefined;
  let partial = "";
  return {
    write(chunk) {
      if (!file) {
        mkdirSync(dirname(path), { recursive: true });
        file = createWriteStream(path);
      }
      file.write(chunk);
      const lines = (
        partial + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"))
      ).split("\n");
      partial = (lines.pop() as string).slice(0, LINE_BYTES);
      for (const line of lines) onLine(line.slice(0, LINE_BYTES));
    },
    async close() {
      if (partial !== "") onLine(partial);
      partial = "";
      if (!file) return;
      file.end();
      await finished(file);
    },
  };
}

/** @throws CopseError `log-missing`. */
export function readBuildLog(place: StorePlace, drvPath: StorePath): Uint8Array {
  try {
    return readFileSync(buildLogFile(place, drvPath));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new CopseError("log-missing", `There is no build log of: \`${drvPath}\``, {
      hint: "it was built elsewhere, printed nothing, or was not built yet",
    });
  }
}
