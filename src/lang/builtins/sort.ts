/**
 * `builtins.sort`: a stable merge sort that asks nothing of its comparator but a Boolean. JavaScript's own sort is
 * used where the order is known not to be the user's: the comparator is `builtins.lessThan` on plain numbers or
 * plain strings.
 */
import {
  call2,
  force,
  forceBool,
  forceFunction,
  type Lazy,
  lessThan,
  PrimOp,
  type Value,
} from "../runtime/mod.ts";

type Less = (a: Lazy, b: Lazy) => boolean;

export function sortList(comparator: Lazy, list: readonly Lazy[]): readonly Lazy[] {
  if (list.length === 0) return list;
  const fn = forceFunction(comparator);
  if (list.length === 1) return list;
  if (fn instanceof PrimOp && fn.name === "lessThan") return sortByOrder(list.map(force));
  return mergeSort(list, (a, b) => forceBool(call2(fn, a, b)));
}

function sortByOrder(values: Value[]): readonly Lazy[] {
  if (values.every((value) => typeof value === "string")) return values.sort();
  if (values.every((value) => typeof value === "number")) return values.sort((a, b) => a - b);
  return mergeSort(values, (a, b) => lessThan(force(a), force(b)));
}

const RUN_LENGTH = 8;

function mergeSort(list: readonly Lazy[], less: Less): Lazy[] {
  let from = [...list];
  for (let start = 0; start < from.length; start += RUN_LENGTH) {
    insertionSort(from, { start, end: Math.min(start + RUN_LENGTH, from.length), less });
  }
  let to: Lazy[] = new Array(from.length);
  for (let width = RUN_LENGTH; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) mergeRuns(from, to, { start, width, less });
    [from, to] = [to, from];
  }
  return from;
}

function insertionSort(list: Lazy[], { start, end, less }: { start: number; end: number; less: Less }): void {
  for (let i = start + 1; i < end; i++) {
    const item = list[i] as Lazy;
    let at = i;
    while (at > start && less(item, list[at - 1] as Lazy)) {
      list[at] = list[at - 1] as Lazy;
      at--;
    }
    list[at] = item;
  }
}

function mergeRuns(
  from: readonly Lazy[],
  to: Lazy[],
  { start, width, less }: { start: number; width: number; less: Less },
): void {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(middle + width, from.length);
  let left = start;
  let right = middle;
  for (let i = start; i < end; i++) {
    // The right one goes first only where it is less: equal elements keep their order.
    const takeRight = left === middle || (right < end && less(from[right] as Lazy, from[left] as Lazy));
    to[i] = from[takeRight ? right++ : left++] as Lazy;
  }
}
