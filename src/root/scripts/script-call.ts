/** What reading a maintainer script tells: the calls that it makes. */
import type { ByteString } from "#base";
import type { ScriptWord } from "./shell/shell-values.ts";

/** A call that a script makes. */
export interface ScriptCall {
  /** The program's name first; undefined stands for a word that cannot be known. */
  readonly words: readonly ScriptWord[];
  /** Whether every run makes this call with these words. */
  readonly isCertain: boolean;
  /** Files that it writes to by redirection. */
  readonly writes: readonly ScriptWord[];
  /** What it is given to read by a here-document. */
  readonly input?: ByteString | undefined;
}
