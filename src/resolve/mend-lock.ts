/**
 * A lock in which git has left the marks of a merge conflict. Both sides are whole locks, for git changes lines only
 * between them: each is read by itself, and what both have becomes one lock (merge-locks.ts). The request that both
 * changes led to is nobody's yet: it is solved anew, with preference for what is there.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { openLock } from "./lock.ts";
import { parseLock } from "./lock-reader.ts";
import { formatLock } from "./lock-writer.ts";
import { mergeLocks } from "./merge-locks.ts";

const MARK = /^(?:<{7}|\|{7}|={7}|>{7})(?: |\r?$)/m;

/** Whether there was something to mend. @throws CopseError `lock-invalid` where a side is no lock. */
export function mendLock(path: string): boolean {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  if (!MARK.test(text)) return false;
  const merged = mergeLocks(
    parseLock(path, conflictSide(text, "ours")),
    parseLock(path, conflictSide(text, "theirs")),
  );
  writeFileSync(`${path}.${process.pid}.tmp`, formatLock(merged), { flag: "wx" });
  renameSync(`${path}.${process.pid}.tmp`, path);
  openLock(path);
  return true;
}

/** The text as one side has it, also where git shows what both began from. */
export function conflictSide(text: string, side: "ours" | "theirs"): string {
  let place: "both" | "ours" | "base" | "theirs" = "both";
  const kept: string[] = [];
  for (const line of text.split("\n")) {
    if (/^<{7}(?: |\r?$)/.test(line)) place = "ours";
    else if (/^\|{7}(?: |\r?$)/.test(line) && place === "ours") place = "base";
    else if (/^={7}\r?$/.test(line) && (place === "ours" || place === "base")) place = "theirs";
    else if (/^>{7}(?: |\r?$)/.test(line) && place === "theirs") place = "both";
    else if (place === "both" || place === side) kept.push(line);
  }
  return kept.join("\n");
}
