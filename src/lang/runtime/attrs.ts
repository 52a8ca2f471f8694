/**
 * Attribute sets: a shape (names, shared) and an array of lazy values in the order of the names.
 *
 * `//` with a small right side does not copy a large left side: the result is a layer over it. Layers keep a
 * geometric order of sizes (as in a log-structured merge tree), so that there are few of them, and are flattened
 * in place the first time somebody enumerates the set. Enumerating goes through `names()` and `values()`.
 */
import { type ByteString, compareByteStrings } from "#base";
import { EMPTY_SHAPE, Shape } from "./shape.ts";
import type { Lazy } from "./value.ts";

const LAYERING_MINIMUM = 32;
const LAYERING_RATIO = 4;

export class Attrs {
  /** Of the topmost layer only, as are `slots`: use `names()` and `values()` to see all. */
  shape: Shape;
  slots: readonly Lazy[];
  /** What this layer lies on: its names show where this layer has none of that name. */
  under: Attrs | undefined;

  constructor(shape: Shape, slots: readonly Lazy[], under: Attrs | undefined) {
    this.shape = shape;
    this.slots = slots;
    this.under = under;
  }

  static readonly empty: Attrs = new Attrs(EMPTY_SHAPE, [], undefined);

  /** From names that are sorted and unique already. The arrays are kept: do not change them afterwards. */
  static fromSorted(
    names: readonly ByteString[],
    values: readonly Lazy[],
    positions?: readonly number[],
  ): Attrs {
    if (names.length === 0) return Attrs.empty;
    return new Attrs(new Shape(names, positions, false), values, undefined);
  }

  /** From names in any order. Of equal names the first counts, or the last with `keep: "last"`. */
  static build(
    names: readonly ByteString[],
    values: readonly Lazy[],
    options: { readonly keep?: "first" | "last"; readonly positions?: readonly number[] | undefined } = {},
  ): Attrs {
    const positions = options.positions;
    if (isStrictlySorted(names)) return Attrs.fromSorted(names, values, positions);
    const order = sortedOrder(names);
    const kept = withoutRepeats(order, names, options.keep ?? "first");
    return Attrs.fromSorted(
      kept.map((i) => names[i] as ByteString),
      kept.map((i) => values[i] as Lazy),
      positions && kept.map((i) => positions[i] ?? 0),
    );
  }

  /** Of equal names the last counts. */
  static fromEntries(entries: Iterable<readonly [ByteString, Lazy]>): Attrs {
    const names: ByteString[] = [];
    const values: Lazy[] = [];
    for (const [name, value] of entries) {
      names.push(name);
      values.push(value);
    }
    return Attrs.build(names, values, { keep: "last" });
  }

  get(name: ByteString): Lazy | undefined {
    let layer: Attrs | undefined = this;
    do {
      const index: number = layer.shape.indexOf(name);
      if (index >= 0) return layer.slots[index];
      layer = layer.under;
    } while (layer !== undefined);
    return undefined;
  }

  has(name: ByteString): boolean {
    let layer: Attrs | undefined = this;
    do {
      if (layer.shape.indexOf(name) >= 0) return true;
      layer = layer.under;
    } while (layer !== undefined);
    return false;
  }

  get size(): number {
    return this.flat().slots.length;
  }

  get isEmpty(): boolean {
    return this.slots.length === 0 && this.under === undefined;
  }

  /** Sorted by byte. */
  names(): readonly ByteString[] {
    return this.flat().shape.names;
  }

  /** In the order of `names()`. */
  values(): readonly Lazy[] {
    return this.flat().slots;
  }

  *entries(): IterableIterator<[ByteString, Lazy]> {
    const names = this.names();
    const values = this.values();
    for (let i = 0; i < names.length; i++) yield [names[i] as ByteString, values[i] as Lazy];
  }

  /** The packed position at which the attribute was defined; undefined where it is not known. */
  positionOf(name: ByteString): number | undefined {
    for (let layer: Attrs | undefined = this; layer !== undefined; layer = layer.under) {
      const index: number = layer.shape.indexOf(name);
      if (index >= 0) return layer.shape.positions?.[index] || undefined;
    }
    return undefined;
  }

  /** Itself, with its layers merged into one. Not observable but in time. */
  flat(): this {
    if (this.under !== undefined) {
      const merged = mergeLayers(this);
      this.shape = merged.shape;
      this.slots = merged.slots;
      this.under = undefined;
    }
    return this;
  }

  /** The same names with other values, in the order of `names()`; positions are dropped, as Nix does. */
  withValues(values: readonly Lazy[]): Attrs {
    if (values.length === 0) return Attrs.empty;
    return new Attrs(this.flat().shape.bare, values, undefined);
  }

  mapValues(map: (value: Lazy, name: ByteString) => Lazy): Attrs {
    const names = this.names();
    const slots = this.values();
    const mapped: Lazy[] = new Array(slots.length);
    for (let i = 0; i < slots.length; i++) mapped[i] = map(slots[i] as Lazy, names[i] as ByteString);
    return this.withValues(mapped);
  }

  /** The attributes that `keep` says, with their positions. Itself when these are all. */
  filter(keep: (name: ByteString, value: Lazy) => boolean): Attrs {
    const { shape, slots } = this.flat();
    const names: ByteString[] = [];
    const values: Lazy[] = [];
    const positions: number[] | undefined = shape.positions && [];
    for (let i = 0; i < slots.length; i++) {
      const name = shape.names[i] as ByteString;
      const value = slots[i] as Lazy;
      if (!keep(name, value)) continue;
      names.push(name);
      values.push(value);
      positions?.push(shape.positions?.[i] ?? 0);
    }
    return names.length === slots.length ? this : Attrs.fromSorted(names, values, positions);
  }

  /** A changed copy of this set, as what this set is: only open sets (open-attrs.ts) are more than their names. */
  withNature(changed: Attrs): Attrs {
    return changed;
  }

  /** What to say where a name is missing; undefined: what the set's own names suggest. */
  hintFor(_name: ByteString): string | undefined {
    return undefined;
  }

  removeNames(removed: Iterable<ByteString>): Attrs {
    const { shape, slots } = this.flat();
    const removal = shape.removal([...removed]);
    if (removal === undefined) return this;
    const { kept } = removal;
    const values: Lazy[] = new Array(kept.length);
    for (let i = 0; i < kept.length; i++) values[i] = slots[kept[i] as number] as Lazy;
    return new Attrs(removal.shape, values, undefined);
  }
}

/** `left // right`. */
export function update(left: Attrs, right: Attrs): Attrs {
  if (right.isEmpty) return left;
  if (left.isEmpty) return right;
  return right.withNature(left.withNature(updateListed(left, right)));
}

function updateListed(left: Attrs, right: Attrs): Attrs {
  let top: Attrs = right.flat();
  let under: Attrs | undefined = left;
  // A layer must be much smaller than what it lies on; otherwise the two become one.
  while (under !== undefined) {
    const isWorthLayering =
      under.under === undefined
        ? under.slots.length >= LAYERING_MINIMUM && top.slots.length * LAYERING_RATIO <= under.slots.length
        : top.slots.length * 2 <= under.slots.length;
    if (isWorthLayering) return new Attrs(top.shape, top.slots, under);
    top = mergeFlat(under, top);
    under = under.under;
  }
  return top;
}

/** The topmost layers of two sets, merged. */
function mergeFlat(left: Attrs, right: Attrs): Attrs {
  const plan = left.shape.mergePlan(right.shape);
  const picks = plan.picks;
  const leftSlots = left.slots;
  const rightSlots = right.slots;
  const slots: Lazy[] = new Array(picks.length);
  for (let i = 0; i < picks.length; i++) {
    const pick = picks[i] as number;
    slots[i] = (pick >= 0 ? leftSlots[pick] : rightSlots[~pick]) as Lazy;
  }
  return new Attrs(plan.shape, slots, undefined);
}

function mergeLayers(attrs: Attrs): Attrs {
  let top = attrs;
  for (let under = attrs.under; under !== undefined; under = under.under) top = mergeFlat(under, top);
  return top;
}

const INSERTION_SORT_LIMIT = 12;

/** The indices of names in the names' order; equal names stay in the order in which they came. */
function sortedOrder(names: readonly ByteString[]): number[] {
  const order: number[] = new Array(names.length);
  if (names.length > INSERTION_SORT_LIMIT) {
    for (let i = 0; i < names.length; i++) order[i] = i;
    return order.sort((a, b) => compareByteStrings(names[a] as ByteString, names[b] as ByteString));
  }
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as ByteString;
    let at = i;
    for (; at > 0 && (names[order[at - 1] as number] as ByteString) > name; at--) {
      order[at] = order[at - 1] as number;
    }
    order[at] = i;
  }
  return order;
}

/** Of neighbours with equal names the first or the last. */
function withoutRepeats(
  order: readonly number[],
  names: readonly ByteString[],
  keep: "first" | "last",
): readonly number[] {
  const neighbour = keep === "first" ? -1 : 1;
  const hasRepeats = order.some((index, at) => at > 0 && names[order[at - 1] as number] === names[index]);
  if (!hasRepeats) return order;
  return order.filter((index, at) => {
    const other = order[at + neighbour];
    return other === undefined || names[other] !== names[index];
  });
}

function isStrictlySorted(names: readonly ByteString[]): boolean {
  for (let i = 1; i < names.length; i++)
    if ((names[i - 1] as ByteString) >= (names[i] as ByteString)) return false;
  return true;
}
