/** Trees are walked by recursion. Input that nests deeper than the stack reaches is the user's to mend. */
import { CopseError, type Span } from "#base";

/** Runs `work`; where it overflows the stack, throws CopseError `nesting-too-deep`. */
export function guardNesting<T>(span: () => Span | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError) || !error.message.includes("call stack")) throw error;
    throw new CopseError("nesting-too-deep", "Expression is nested too deeply", {
      span: span(),
      hint: "split it with `let`, or raise the stack limit (ulimit -s)",
      cause: error,
    });
  }
}
