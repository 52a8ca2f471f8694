/**
 * The names of an attribute set, apart from its values. Sets that come from one place in the source share one
 * shape, so a set costs an array of values, a lookup can be remembered by shape, and merging two shapes is
 * planned once and then only copies values.
 */
import type { ByteString } from "#base";

/** How `//` of two shapes is done: where each value of the result comes from. */
export interface MergePlan {
  readonly shape: Shape;
  /** An index into the left values, or the complement (`~index`) of one into the right values. */
  readonly picks: readonly number[];
}

const LINEAR_SEARCH_LIMIT = 8;
/** A map of the names costs as much as this part of their number in binary searches. */
const SEARCHES_PER_NAME = 1 / 8;
const PLANS_PER_SHAPE = 32;

/** How names are taken out of a shape. */
export interface Removal {
  readonly shape: Shape;
  /** The indices of what stays. */
  readonly kept: readonly number[];
}

export class Shape {
  /** Sorted by byte, without duplicates. Never changed. */
  readonly names: readonly ByteString[];
  /** For each name a packed position (see `evaluation.ts`), 0 where there is none. */
  readonly positions: readonly number[] | undefined;
  /** Made at one place and met again and again, so that plans for it are worth keeping. */
  readonly stable: boolean;
  // Not `#private`: V8 reads those more slowly until code is optimised, and shapes are everywhere.
  private index: Map<ByteString, number> | undefined;
  private searches: number;
  private plans: Map<Shape, MergePlan> | undefined;
  private removals: Map<string, Removal> | undefined;
  private bareShape: Shape | undefined;

  constructor(names: readonly ByteString[], positions: readonly number[] | undefined, stable: boolean) {
    this.names = names;
    this.positions = positions;
    this.stable = stable;
    this.index = undefined;
    this.searches = 0;
    this.plans = undefined;
    this.removals = undefined;
    this.bareShape = undefined;
  }

  /** Where the name's value stands, or -1. */
  indexOf(name: ByteString): number {
    const names = this.names;
    if (names.length <= LINEAR_SEARCH_LIMIT) {
      for (let i = 0; i < names.length; i++) if (names[i] === name) return i;
      return -1;
    }
    if (this.index !== undefined) return this.index.get(name) ?? -1;
    if (this.searches++ < names.length * SEARCHES_PER_NAME) return binarySearch(names, name);
    const index = new Map<ByteString, number>();
    for (let i = 0; i < names.length; i++) index.set(names[i] as ByteString, i);
    this.index = index;
    return index.get(name) ?? -1;
  }

  /** The same names without positions. */
  get bare(): Shape {
    if (this.positions === undefined) return this;
    this.bareShape ??= new Shape(this.names, undefined, this.stable);
    return this.bareShape;
  }

  /** The plan for taking names out; undefined when none of them is there. */
  removal(names: readonly ByteString[]): Removal | undefined {
    const key = this.stable ? names.join("\0") : "";
    const known = this.stable ? this.removals?.get(key) : undefined;
    if (known !== undefined) return known;
    const gone = new Set<number>();
    for (const name of names) gone.add(this.indexOf(name));
    gone.delete(-1);
    if (gone.size === 0) return undefined;
    const kept: number[] = [];
    for (let i = 0; i < this.names.length; i++) if (!gone.has(i)) kept.push(i);
    const removal = { shape: this.pick(kept), kept };
    if (this.stable) {
      this.removals ??= new Map();
      if (this.removals.size < PLANS_PER_SHAPE) this.removals.set(key, removal);
    }
    return removal;
  }

  /** Some of the names, by index, with their positions. */
  pick(indices: readonly number[]): Shape {
    const { names, positions } = this;
    return new Shape(
      indices.map((index) => names[index] as ByteString),
      positions && indices.map((index) => positions[index] ?? 0),
      this.stable,
    );
  }

  /** The plan for `this // right`, kept where both shapes are stable. */
  mergePlan(right: Shape): MergePlan {
    const known = this.plans?.get(right);
    if (known !== undefined) return known;
    const stable = this.stable && right.stable;
    const plan = planMerge(this, right, stable);
    if (stable) {
      this.plans ??= new Map();
      if (this.plans.size < PLANS_PER_SHAPE) this.plans.set(right, plan);
    }
    return plan;
  }
}

export const EMPTY_SHAPE: Shape = new Shape([], undefined, true);

/** Where `name` stands in sorted names, or -1. */
export function binarySearch(names: readonly ByteString[], name: ByteString): number {
  let low = 0;
  let high = names.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const candidate = names[middle] as ByteString;
    if (candidate === name) return middle;
    if (candidate < name) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function planMerge(left: Shape, right: Shape, stable: boolean): MergePlan {
  const names: ByteString[] = [];
  const picks: number[] = [];
  const leftNames = left.names;
  const rightNames = right.names;
  let i = 0;
  let j = 0;
  while (i < leftNames.length && j < rightNames.length) {
    const leftName = leftNames[i] as ByteString;
    const rightName = rightNames[j] as ByteString;
    if (leftName === rightName) {
      names.push(rightName);
      picks.push(~j++);
      i++;
    } else if (leftName < rightName) {
      names.push(leftName);
      picks.push(i++);
    } else {
      names.push(rightName);
      picks.push(~j++);
    }
  }
  for (; i < leftNames.length; i++) {
    names.push(leftNames[i] as ByteString);
    picks.push(i);
  }
  for (; j < rightNames.length; j++) {
    names.push(rightNames[j] as ByteString);
    picks.push(~j);
  }
  return { shape: new Shape(names, mergePositions(left, right, picks), stable), picks };
}

function mergePositions(left: Shape, right: Shape, picks: readonly number[]): number[] | undefined {
  const leftPositions = left.positions;
  const rightPositions = right.positions;
  if (leftPositions === undefined && rightPositions === undefined) return undefined;
  return picks.map((pick) => (pick >= 0 ? leftPositions?.[pick] : rightPositions?.[~pick]) ?? 0);
}
