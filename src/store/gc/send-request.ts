/** What the thread of root-sender.ts is given. */
import type { StorePath } from "#format";

export interface SendRequest {
  readonly socketPath: string;
  readonly paths: readonly StorePath[];
  /** Becomes one of the two below. */
  readonly answer: Int32Array;
}

export const ANSWER_ACKNOWLEDGED = 1;
export const ANSWER_NOBODY = 2;
