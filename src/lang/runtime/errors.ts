/**
 * Evaluation errors. The first line of a message is Nix's, as programs and people look for it.
 *
 * Nothing is recorded on the happy path: where an error came from is read off JavaScript's own stack trace,
 * whose generated positions the compiler can map back (see `../compile/trace.ts`). Only builtins that add
 * context of their own (`addErrorContext`) catch and rethrow.
 */
import { CopseError, type Span, type TraceFrame } from "#base";

export type EvalErrorCode =
  | "type-error"
  | "undefined-variable"
  | "missing-attribute"
  | "missing-argument"
  | "unexpected-argument"
  | "infinite-recursion"
  | "stack-overflow"
  | "assertion-failed"
  | "thrown"
  | "aborted"
  | "division-by-zero"
  | "integer-overflow"
  | "eval-error"
  | "restricted"
  | "invalid-value"
  | "lint";

export interface EvalErrorOptions {
  readonly span?: Span | undefined;
  readonly hint?: string | undefined;
  readonly trace?: readonly TraceFrame[];
  readonly cause?: unknown;
}

export function evalError(code: EvalErrorCode, message: string, options: EvalErrorOptions = {}): CopseError {
  return new CopseError(code, message, options);
}

export function typeError(message: string, options: EvalErrorOptions = {}): CopseError {
  return new CopseError("type-error", message, options);
}

/** What `tryEval` catches: `throw` and failed assertions, nothing else. */
export function isCatchable(error: unknown): error is CopseError {
  return error instanceof CopseError && (error.code === "thrown" || error.code === "assertion-failed");
}

/** Says what was being done; to be rethrown by the caller. */
export function addTrace(error: unknown, message: string, span?: Span): void {
  if (error instanceof CopseError) error.trace.push({ message, span });
}

/** `did you mean 'x' or 'y'?`, for names near to the one that is not there. */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  const near: { name: string; distance: number }[] = [];
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate);
    if (distance <= 2 && distance < name.length) near.push({ name: candidate, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  const best = near.slice(0, 3).map((item) => item.name);
  if (best.length === 0) return undefined;
  if (best.length === 1) return `did you mean ${best[0]}?`;
  return `did you mean one of ${best.slice(0, -1).join(", ")} or ${best.at(-1)}?`;
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] as number) + 1, (current[j - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[b.length] as number;
}
