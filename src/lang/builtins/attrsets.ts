/** Attribute sets and the arguments of functions. Names come sorted by byte, always. */
import {
  Attrs,
  applyLater2,
  type Evaluation,
  evalError,
  force,
  forceAttrs,
  forceFunction,
  forceList,
  forceStringNoContext,
  isFunction,
  Lambda,
  type Lazy,
  suggest,
  type Value,
} from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";

/** An attribute that must be there. */
export function requireAttr(attrs: Attrs, name: string): Lazy {
  const value = attrs.get(name);
  if (value !== undefined) return value;
  throw evalError("missing-attribute", `attribute '${name}' missing`, { hint: suggest(name, attrs.names()) });
}

function getAttr(_: Evaluation, name: Lazy, set: Lazy): Value {
  const wanted = forceStringNoContext(name);
  return force(requireAttr(forceAttrs(set), wanted));
}

function hasAttr(_: Evaluation, name: Lazy, set: Lazy): Value {
  const wanted = forceStringNoContext(name);
  return forceAttrs(set).has(wanted);
}

function removeAttrs(_: Evaluation, set: Lazy, names: Lazy): Value {
  const attrs = forceAttrs(set);
  return attrs.removeNames(new Set(forceList(names).map(forceStringNoContext)));
}

function listToAttrs(_: Evaluation, list: Lazy): Value {
  const names = new Set<string>();
  const values: Lazy[] = [];
  const positions: number[] = [];
  for (const item of forceList(list)) {
    const pair = forceAttrs(item);
    const name = forceStringNoContext(requireAttr(pair, "name"));
    // The first of equal names counts; the others need not even have a value.
    if (names.has(name)) continue;
    names.add(name);
    values.push(requireAttr(pair, "value"));
    positions.push(pair.positionOf("value") ?? 0);
  }
  return Attrs.build([...names], values, { positions });
}

function intersectAttrs(_: Evaluation, left: Lazy, right: Lazy): Value {
  const names = forceAttrs(left);
  const attrs = forceAttrs(right);
  if (names.size >= attrs.size) return attrs.filter((name) => names.has(name));
  const kept = names.names().filter((name) => attrs.has(name));
  return Attrs.fromSorted(
    kept,
    kept.map((name) => attrs.get(name) as Lazy),
    kept.map((name) => attrs.positionOf(name) ?? 0),
  );
}

function catAttrs(_: Evaluation, name: Lazy, list: Lazy): Value {
  const wanted = forceStringNoContext(name);
  return forceList(list)
    .map((item) => forceAttrs(item).get(wanted))
    .filter((value) => value !== undefined);
}

function functionArgs(evaluation: Evaluation, fn: Lazy): Value {
  const value = force(fn);
  if (!isFunction(value)) throw evalError("type-error", "'functionArgs' requires a function");
  const formals = value instanceof Lambda ? value.code.formals : undefined;
  if (!formals) return Attrs.empty;
  const source = (value as Lambda).code.source;
  return Attrs.build(
    formals.map((formal) => formal.name),
    formals.map((formal) => formal.optional),
    { positions: formals.map((formal) => evaluation.packPosition({ source, offset: formal.start })) },
  );
}

function mapAttrs(_: Evaluation, fn: Lazy, set: Lazy): Value {
  return forceAttrs(set).mapValues((value, name) => applyLater2(fn, name, value));
}

function zipAttrsWith(_: Evaluation, fn: Lazy, list: Lazy): Value {
  const f = forceFunction(fn);
  const lists = new Map<string, Lazy[]>();
  for (const item of forceList(list)) {
    const attrs = forceAttrs(item);
    const names = attrs.names();
    const values = attrs.values();
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      const known = lists.get(name);
      if (known) known.push(values[i] as Lazy);
      else lists.set(name, [values[i] as Lazy]);
    }
  }
  return Attrs.fromEntries([...lists].map(([name, values]) => [name, applyLater2(f, name, values)]));
}

export const attrsetBuiltins = defineFunctions({
  attrNames: {
    args: ["set"],
    doc: "The names of the attributes, sorted.",
    run: (_, set) => forceAttrs(set).names(),
  },
  attrValues: {
    args: ["set"],
    doc: "The values of the attributes, in the order of their sorted names.",
    run: (_, set) => forceAttrs(set).values(),
  },
  getAttr: {
    args: ["name", "set"],
    doc: "The attribute of a name that is computed. Where the name is known, `set.name` says the same.",
    run: getAttr,
  },
  hasAttr: {
    args: ["name", "set"],
    doc: "Whether a set has an attribute of a name that is computed.",
    run: hasAttr,
  },
  removeAttrs: {
    args: ["set", "names"],
    doc: "A set without the attributes of the listed names. Names that it does not have are ignored.",
    plain: true,
    run: removeAttrs,
  },
  listToAttrs: {
    args: ["list"],
    doc: "A set from a list of `{ name, value }`. Of equal names the first counts.",
    run: listToAttrs,
  },
  intersectAttrs: {
    args: ["left", "right"],
    doc: "The attributes of the second set whose names the first set has, too.",
    run: intersectAttrs,
  },
  catAttrs: {
    args: ["name", "list"],
    doc: "The values of one attribute, from those sets of a list that have it.",
    run: catAttrs,
  },
  functionArgs: {
    args: ["fn"],
    doc: "The names that a function takes out of its argument set, each true where it has a default. Empty for a function that takes its argument whole.",
    run: functionArgs,
  },
  mapAttrs: {
    args: ["fn", "set"],
    doc: "The set of what a function gives for each name and value.",
    run: mapAttrs,
  },
  zipAttrsWith: {
    args: ["fn", "list"],
    doc: "One set from many: for each name, what a function gives for the name and the list of its values.",
    run: zipAttrsWith,
  },
  unsafeGetAttrPos: {
    args: ["name", "set"],
    doc: "Where an attribute was defined, as `{ file, line, column }`; null where that is not known. Unsafe, as the same program may answer otherwise after a reformatting.",
    run: (evaluation, name, set) => {
      const wanted = forceStringNoContext(name);
      return force(evaluation.positionValue(forceAttrs(set).positionOf(wanted)));
    },
  },
});
