/** What `copse doctor` finds out about one thing. */

/**
 * `limited`: it works, by another way or with less comfort. `problem`: it keeps copse from working, and makes the
 * command fail.
 */
export type FindingState = "ok" | "note" | "limited" | "problem";

export interface Finding {
  readonly check: string;
  readonly state: FindingState;
  /** What was found. */
  readonly result: string;
  /** What that means for whoever works here; unnecessary where all is well. */
  readonly meaning?: string;
  /** What to do about it. */
  readonly wayOut?: string;
}
