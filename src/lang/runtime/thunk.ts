/**
 * Lazy values. A thunk is static code and the values that the code needs, flat in its fields: no JavaScript
 * closure stands behind it. Compiled code has one function for each lazy expression of the source, and makes a
 * thunk by storing that function with up to three captured values (more go into an array in `c`).
 *
 * A thunk's life: `code` computes -> `blackhole` while it does -> `forced`, with the value in `a`. An error puts
 * the code back, so that `tryEval` and a later force see the same error again.
 */
import { CopseError } from "#base";
import type { Lazy, Value } from "./value.ts";

export type ThunkCode = (thunk: Thunk) => Value;

export class Thunk {
  code: ThunkCode;
  /** The value, once `code` is `forced`; before, a captured value. */
  a: unknown;
  b: unknown;
  c: unknown;
  constructor(code: ThunkCode, a: unknown, b: unknown, c: unknown) {
    this.code = code;
    this.a = a;
    this.b = b;
    this.c = c;
  }
}

/** The code of a thunk that has its value. */
export function forced(thunk: Thunk): Value {
  return thunk.a as Value;
}

/** The code of a thunk that is being forced. */
export function blackhole(_thunk: Thunk): Value {
  throw new CopseError("infinite-recursion", "infinite recursion encountered", {
    hint: "this value is needed to compute itself; --show-trace lists the steps from one to the other",
  });
}

/** The value of a lazy value. */
export function force(lazy: Lazy): Value {
  return lazy instanceof Thunk ? (lazy.code === forced ? (lazy.a as Value) : forceThunk(lazy)) : lazy;
}

/** Out of line: what is rare should not make `force` too big to inline. */
export function forceThunk(thunk: Thunk): Value {
  const code = thunk.code;
  if (code === forced) return thunk.a as Value;
  thunk.code = blackhole;
  let value: Value;
  try {
    value = code(thunk);
  } catch (error) {
    thunk.code = code;
    throw error;
  }
  thunk.a = value;
  thunk.code = forced;
  thunk.b = undefined;
  thunk.c = undefined;
  return value;
}

/** What is known without evaluating anything: the value of a forced thunk, and of what is no thunk. */
export function peek(lazy: Lazy): Lazy {
  return lazy instanceof Thunk && lazy.code === forced ? (lazy.a as Value) : lazy;
}

/** A lazy value made by TypeScript code, for builtins; compiled code makes its thunks flat. */
export function delay(compute: () => Value): Thunk {
  return new Thunk(runDelayed, compute, undefined, undefined);
}

function runDelayed(thunk: Thunk): Value {
  return (thunk.a as () => Value)();
}
