/** Dependencies before dependents: the order in which paths are registered, copied and built. */
import { CopseError } from "#base";
import type { StorePath } from "#format";

/**
 * Orders so that what an item depends on comes before it. `dependenciesOf` may name items that are not in the
 * list, and the item itself; both are ignored. Throws CopseError `store-cycle`.
 */
export function dependenciesFirst(
  paths: readonly StorePath[],
  dependenciesOf: (path: StorePath) => readonly StorePath[],
): StorePath[] {
  const wanted = new Set(paths);
  const state = new Map<StorePath, "open" | "done">();
  const order: StorePath[] = [];
  // An explicit stack: closures of thousands of paths can be chains.
  for (const start of [...wanted].sort()) {
    const stack = [start];
    while (stack.length > 0) {
      const path = stack[stack.length - 1]!;
      const seen = state.get(path);
      if (seen !== undefined) {
        stack.pop();
        if (seen === "open") {
          state.set(path, "done");
          order.push(path);
        }
        continue;
      }
      state.set(path, "open");
      for (const next of dependenciesOf(path).toSorted().reverse()) {
        if (next === path || !wanted.has(next) || state.get(next) === "done") continue;
        if (state.get(next) === "open") throw cycleError(path, next);
        stack.push(next);
      }
    }
  }
  return order;
}

function cycleError(a: StorePath, b: StorePath): CopseError {
  return new CopseError("store-cycle", `Paths refer to each other: \`${a}\` and \`${b}\``);
}
