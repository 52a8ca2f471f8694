/** Lists. Elements stay lazy unless a result depends on them. */
import {
  Attrs,
  applyLater,
  call,
  call2,
  type Evaluation,
  equalLazy,
  evalError,
  force,
  forceBool,
  forceFunction,
  forceInt,
  forceList,
  forceStringNoContext,
  type Lazy,
  type Value,
} from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";
import { sortList } from "./sort.ts";

const MAX_LIST_LENGTH = 2 ** 32 - 1;

function map(_: Evaluation, fn: Lazy, list: Lazy): Value {
  const items = forceList(list);
  if (items.length === 0) return items;
  const f = forceFunction(fn);
  const mapped: Lazy[] = new Array(items.length);
  for (let i = 0; i < items.length; i++) mapped[i] = applyLater(f, items[i] as Lazy);
  return mapped;
}

function filter(_: Evaluation, predicate: Lazy, list: Lazy): Value {
  const items = forceList(list);
  if (items.length === 0) return items;
  const f = forceFunction(predicate);
  const kept = items.filter((item) => forceBool(call(f, item)));
  return kept.length === items.length ? items : kept;
}

function elementAt(list: readonly Lazy[], index: bigint | number): Value {
  const item = list[Number(index)];
  if (item !== undefined) return force(item);
  throw evalError(
    "invalid-value",
    `'builtins.elemAt' called with index ${index} on a list of size ${list.length}`,
  );
}

function nonEmpty(list: Lazy, name: string): readonly Lazy[] {
  const items = forceList(list);
  if (items.length === 0) throw evalError("invalid-value", `'builtins.${name}' called on an empty list`);
  return items;
}

function foldStrictly(_: Evaluation, op: Lazy, nul: Lazy, list: Lazy): Value {
  const f = forceFunction(op);
  const items = forceList(list);
  // The start value is forced only where it is the result.
  if (items.length === 0) return force(nul);
  let result: Lazy = nul;
  for (const item of items) result = call2(f, result, item);
  return force(result);
}

function generate(_: Evaluation, generator: Lazy, length: Lazy): Value {
  const count = Number(forceInt(length));
  if (count < 0 || count > MAX_LIST_LENGTH)
    throw evalError("invalid-value", `cannot create list of size ${count}`);
  const f = forceFunction(generator);
  const items: Lazy[] = [];
  for (let i = 0; i < count; i++) items.push(applyLater(f, i));
  return items;
}

function quantify(predicate: Lazy, list: Lazy, { until }: { until: boolean }): boolean {
  const f = forceFunction(predicate);
  for (const item of forceList(list)) if (forceBool(call(f, item)) === until) return until;
  return !until;
}

function concatLists(lists: readonly (readonly Lazy[])[]): readonly Lazy[] {
  const present = lists.filter((list) => list.length > 0);
  return present.length === 1 ? (present[0] as readonly Lazy[]) : present.flat();
}

function concatMap(_: Evaluation, fn: Lazy, list: Lazy): Value {
  const f = forceFunction(fn);
  return concatLists(forceList(list).map((item) => forceList(call(f, item))));
}

function partition(_: Evaluation, predicate: Lazy, list: Lazy): Value {
  const f = forceFunction(predicate);
  const right: Lazy[] = [];
  const wrong: Lazy[] = [];
  for (const item of forceList(list)) (forceBool(call(f, item)) ? right : wrong).push(item);
  return Attrs.fromSorted(["right", "wrong"], [right, wrong]);
}

function groupBy(_: Evaluation, fn: Lazy, list: Lazy): Value {
  const f = forceFunction(fn);
  const groups = new Map<string, Lazy[]>();
  for (const item of forceList(list)) {
    const name = forceStringNoContext(call(f, item));
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return Attrs.fromEntries(groups);
}

export const listBuiltins = defineFunctions({
  map: {
    args: ["fn", "list"],
    doc: "The list of what a function gives for each element.",
    plain: true,
    run: map,
  },
  filter: {
    args: ["predicate", "list"],
    doc: "The elements for which a predicate holds.",
    run: filter,
  },
  elem: {
    args: ["value", "list"],
    doc: "Whether a list has an element equal to the value.",
    run: (_, value, list) => forceList(list).some((item) => equalLazy(value, item)),
  },
  elemAt: {
    args: ["list", "index"],
    doc: "The element at an index, counted from zero.",
    run: (_, list, index) => {
      const at = forceInt(index);
      return elementAt(forceList(list), at);
    },
  },
  head: {
    args: ["list"],
    doc: "The first element.",
    run: (_, list) => force(nonEmpty(list, "head")[0] as Lazy),
  },
  tail: {
    args: ["list"],
    doc: "All elements but the first. It copies the list: walking along a list with it takes quadratic time.",
    run: (_, list) => nonEmpty(list, "tail").slice(1),
  },
  length: { args: ["list"], doc: "How many elements a list has.", run: (_, list) => forceList(list).length },
  concatLists: {
    args: ["lists"],
    doc: "The elements of all lists in a list, one list after the other.",
    run: (_, lists) => concatLists(forceList(lists).map(forceList)),
  },
  "foldl'": {
    args: ["op", "nul", "list"],
    doc: "Combines a start value with each element from left to right, every step evaluated at once.",
    run: foldStrictly,
  },
  any: {
    args: ["predicate", "list"],
    doc: "Whether a predicate holds for at least one element.",
    run: (_, predicate, list) => quantify(predicate, list, { until: true }),
  },
  all: {
    args: ["predicate", "list"],
    doc: "Whether a predicate holds for every element.",
    run: (_, predicate, list) => quantify(predicate, list, { until: false }),
  },
  genList: {
    args: ["generator", "length"],
    doc: "The list of what a function gives for 0, 1, 2 and so on, up to a length.",
    run: generate,
  },
  sort: {
    args: ["lessThan", "list"],
    doc: "A list sorted by a function that says whether its first argument comes before its second. Equal elements keep their order.",
    run: (_, less, list) => sortList(less, forceList(list)),
  },
  partition: {
    args: ["predicate", "list"],
    doc: "The elements for which a predicate holds, as `right`, and the others, as `wrong`.",
    run: partition,
  },
  groupBy: {
    args: ["fn", "list"],
    doc: "A set of lists: each element under the name that a function gives for it.",
    run: groupBy,
  },
  concatMap: {
    args: ["fn", "list"],
    doc: "The elements of all the lists that a function gives for the elements of a list.",
    run: concatMap,
  },
});
