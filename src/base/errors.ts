/**
 * The one error class. Whatever a user can meet has a stable `code` to look up, a message in the house's
 * style (sentence case, no period, the offending value last and in backticks) and, where there is one, the
 * place and the way out. A plain `Error` that reaches the top is a bug of ours.
 */
import type { Span } from "./span.ts";

export interface ErrorOptions {
  readonly span?: Span | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** What was being done, outermost last: shown below the message. */
  readonly trace?: readonly TraceFrame[];
  /** Errors that stand for themselves: shown before this one. */
  readonly related?: readonly CopseError[];
  /** Exit code of the process when this ends it. 1, unless a child's own code is handed on. */
  readonly exitCode?: number;
}

export interface TraceFrame {
  readonly message: string;
  readonly span?: Span | undefined;
}

export class CopseError extends Error {
  readonly code: string;
  span: Span | undefined;
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly related: readonly CopseError[];
  readonly trace: TraceFrame[];

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CopseError";
    this.code = code;
    this.span = options.span;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
    this.related = options.related ?? [];
    this.trace = [...(options.trace ?? [])];
  }
}

export function isCopseError(error: unknown, code?: string): error is CopseError {
  return error instanceof CopseError && (code === undefined || error.code === code);
}

/** For the `default` of a switch over a closed union. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected variant: ${JSON.stringify(value)}`);
}
