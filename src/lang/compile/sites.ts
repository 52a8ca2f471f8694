/**
 * Places that the JavaScript stack does not show: thunks whose code is shared by many places (calls and
 * selections of variables) note on their way out where in the source they stand. The n-th note belongs to the
 * n-th stack frame of such code.
 */
import type { Source } from "#base";

export interface Site {
  readonly source: Source;
  readonly offset: number;
}

const SITES = Symbol("sites");
/** As many as the stack keeps frames. */
const MAX_SITES = 50;

interface Sited {
  [SITES]?: Site[];
}

export function noteSite(error: unknown, source: Source, offset: unknown): void {
  if (!(error instanceof Error)) return;
  const sited = error as Sited;
  sited[SITES] ??= [];
  const sites = sited[SITES];
  if (sites.length < MAX_SITES) sites.push({ source, offset: offset as number });
}

/** Innermost first. */
export function notedSites(error: object): readonly Site[] {
  return (error as Sited)[SITES] ?? [];
}
