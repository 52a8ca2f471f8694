/** `{ ${name} = value; }`: adding attributes whose names are known when the set is made. */
import type { ByteString } from "#base";
import {
  Attrs,
  type Evaluation,
  evalError,
  forceStringNoContext,
  type Lazy,
  update,
  type Value,
} from "../runtime/mod.ts";

/** A set whose dynamic attributes are being added. */
export interface DynamicSet {
  readonly set: Attrs;
  readonly names: ByteString[];
  readonly values: Lazy[];
  readonly positions: number[];
}

interface DynamicAttr {
  readonly name: Value;
  readonly value: Lazy;
  readonly position: number;
}

export function addDynamic(evaluation: Evaluation, builder: DynamicSet, attr: DynamicAttr): void {
  // A name that is null leaves the attribute out.
  if (attr.name === null) return;
  const name = forceStringNoContext(attr.name);
  const index = builder.names.indexOf(name);
  if (index >= 0 || builder.set.has(name)) {
    const packed = index >= 0 ? builder.positions[index] : builder.set.positionOf(name);
    throw evalError(
      "eval-error",
      `dynamic attribute '${name}' already defined at ${evaluation.showPosition(packed)}`,
    );
  }
  builder.names.push(name);
  builder.values.push(attr.value);
  builder.positions.push(attr.position);
}

export function finishDynamic({ set, names, values, positions }: DynamicSet): Attrs {
  if (names.length === 0) return set;
  return update(set, Attrs.build(names, values, { positions }));
}
