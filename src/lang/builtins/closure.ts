/**
 * `builtins.genericClosure`: everything that can be reached from a start set. Elements are sets told apart by their
 * `key`, which may be whatever can be compared; keys that cannot be compared with those before are an error.
 */
import {
  call,
  type Evaluation,
  force,
  forceAttrs,
  forceFunction,
  forceList,
  isString,
  type Lazy,
  lessThan,
  textOf,
  type Value,
} from "../runtime/mod.ts";
import { requireAttr } from "./attrsets.ts";
import { defineFunctions } from "./define.ts";

/** The keys met so far. Strings, by far the most frequent, go by hash; all others by order. */
class KeySet {
  readonly #texts = new Set<string>();
  readonly #others: Value[] = [];

  /** False where the key is there already. */
  add(key: Value): boolean {
    if (isString(key) && this.#others.length === 0) {
      const size = this.#texts.size;
      return this.#texts.add(textOf(key)).size > size;
    }
    // Comparing a string with what is none throws: that is the intended message.
    const [text] = this.#texts;
    if (text !== undefined) lessThan(key, text);
    return this.#insert(key);
  }

  #insert(key: Value): boolean {
    const keys = this.#others;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lessThan(key, keys[middle] as Value)) high = middle;
      else low = middle + 1;
    }
    const previous = keys[low - 1];
    if (previous !== undefined && !lessThan(previous, key)) return false;
    keys.splice(low, 0, key);
    return true;
  }
}

function genericClosure(_: Evaluation, argument: Lazy): Value {
  const attrs = forceAttrs(argument);
  const queue: Lazy[] = [...forceList(requireAttr(attrs, "startSet"))];
  if (queue.length === 0) return [];
  const operator = forceFunction(requireAttr(attrs, "operator"));
  const seen = new KeySet();
  const found: Lazy[] = [];
  for (let i = 0; i < queue.length; i++) {
    const item = forceAttrs(queue[i] as Lazy);
    if (!seen.add(force(requireAttr(item, "key")))) continue;
    found.push(item);
    for (const next of forceList(call(operator, item))) queue.push(next);
  }
  return found;
}

export const closureBuiltins = defineFunctions({
  genericClosure: {
    args: ["attrset"],
    doc: "Starting from the list `startSet`, adds what the function `operator` gives for each element until nothing new comes. Elements are sets and new by their attribute `key`.",
    run: genericClosure,
  },
});
