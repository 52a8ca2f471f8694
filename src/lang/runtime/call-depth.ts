/**
 * How deep Nix function calls are nested. Nix stops at a depth with an error of its own, so that endless
 * recursion ends in a message and not in a crash.
 *
 * The one counter follows JavaScript's own stack, of which a thread has one too: whoever is called increments
 * it and decrements it on return. An exception skips the decrements, so whoever catches one for good goes
 * through `attempt` or `withCallDepth`, which put the depth back.
 */
import { CopseError } from "#base";

/** `depth` counts, `limit` is the evaluator's `maxCallDepth`. Compiled code works on the fields itself. */
export const calls: { depth: number; limit: number } = { depth: 0, limit: 10_000 };

export function throwStackOverflow(): never {
  throw new CopseError("stack-overflow", "stack overflow; max-call-depth exceeded", {
    hint: "a function may call itself without end; a raised --max-call-depth helps where it does not",
  });
}

/** Counts one level more while `work` runs. For recursion in TypeScript over values of unknown depth. */
export function deeper<T>(work: () => T): T {
  if (++calls.depth > calls.limit) throwStackOverflow();
  const result = work();
  calls.depth--;
  return result;
}

/** Runs `work`; an error is given to `recover`, which answers in its place or throws. */
export function attempt<T>(work: () => T, recover: (error: unknown) => T): T {
  const depth = calls.depth;
  try {
    return work();
  } catch (error) {
    calls.depth = depth;
    return recover(asEvalError(error));
  }
}

/** Runs `work` from depth zero with a limit, as an evaluator's entry does. */
export function withCallDepth<T>(limit: number, work: () => T): T {
  const { depth, limit: outerLimit } = calls;
  calls.limit = limit;
  try {
    return work();
  } catch (error) {
    throw asEvalError(error);
  } finally {
    calls.depth = depth;
    calls.limit = outerLimit;
  }
}

/** JavaScript's own stack overflow becomes ours; anything else stays what it is. */
export function asEvalError(error: unknown): unknown {
  if (error instanceof RangeError && error.message === "Maximum call stack size exceeded") {
    return new CopseError("stack-overflow", "stack overflow; max-call-depth exceeded", {
      hint: "the stack of this process is small: bin/copse raises it",
      cause: error,
    });
  }
  return error;
}
