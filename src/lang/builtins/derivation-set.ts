/**
 * `derivation`: what people see of a derivation. The set holds the attributes that it was made from and, as
 * attributes of their own, its outputs, each again such a set; `drvPath` and `outPath` are what is computed only when
 * it is needed. In Nix this is a function written in the language, so here it is a lambda, not a builtin: it shows
 * in what `functionArgs` says of it and in how it is printed.
 */
import type { Source } from "#base";
import {
  Attrs,
  calls,
  delay,
  type Evaluation,
  evalError,
  force,
  forceAttrs,
  forceList,
  forceStringNoContext,
  Lambda,
  LambdaCode,
  type Lazy,
  Shape,
  throwStackOverflow,
  update,
  type Value,
} from "../runtime/mod.ts";
import { requireAttr } from "./attrsets.ts";
import { defineConstants, defineFunctions } from "./define.ts";
import { derivationStrict } from "./derivation.ts";

const SOURCE: Source = {
  name: "<nix/derivation-internal.nix>",
  text: '{ outputs ? [ "out" ], ... }: derivation',
};

const DERIVATION = new LambdaCode({
  run: (self, argument) => {
    if (++calls.depth > calls.limit) throwStackOverflow();
    const value = makeDerivationSet(self.a as Evaluation, forceAttrs(argument));
    calls.depth--;
    return value;
  },
  arity: 1,
  name: undefined,
  source: SOURCE,
  starts: [0],
  formals: [{ name: "outputs", optional: true, start: 2 }],
  ellipsis: true,
});

const DEFAULT_OUTPUTS: Lazy = ["out"];

// Stable shapes, so that how they are merged into the shape of the attributes is planned once.
const SHARED_SHAPE = new Shape(["all", "drvAttrs"], undefined, true);
const OUTPUT_SHAPE = new Shape(["drvPath", "outPath", "outputName", "type"], undefined, true);
const OUT_SHAPE = new Shape(["out"], undefined, true);

function attrsByOutput(names: readonly string[], outputs: readonly Lazy[]): Attrs {
  const isUsual = names.length === 1 && names[0] === "out";
  return isUsual ? new Attrs(OUT_SHAPE, outputs, undefined) : Attrs.build(names, outputs);
}

function makeDerivationSet(evaluation: Evaluation, attrs: Attrs): Value {
  const strict = delay(() => derivationStrict(evaluation, attrs));
  const names = forceList(attrs.get("outputs") ?? DEFAULT_OUTPUTS);
  const outputs = names.map((name) => delay(() => outputSet(name)));
  const shared = delay(() => {
    const byName = attrsByOutput(names.map(forceStringNoContext), outputs);
    const own = new Attrs(SHARED_SHAPE, [outputs, attrs], undefined);
    return update(update(attrs, byName), own);
  });
  const outputSet = (outputName: Lazy): Value => {
    const outPath = delay(() => force(requireAttr(force(strict) as Attrs, forceStringNoContext(outputName))));
    const drvPath = delay(() => force(requireAttr(force(strict) as Attrs, "drvPath")));
    const own = new Attrs(OUTPUT_SHAPE, [drvPath, outPath, outputName, "derivation"], undefined);
    return update(force(shared) as Attrs, own);
  };
  return force(requireHead(outputs));
}

function requireHead(outputs: readonly Lazy[]): Lazy {
  const [first] = outputs;
  if (first === undefined) throw evalError("invalid-value", "'builtins.head' called on an empty list");
  return first;
}

export const derivationBuiltins = [
  ...defineConstants({
    derivation: {
      doc: "Describes a build: what runs (`builder`, `args`), on which `system`, under which `name`, with all other attributes as its environment. Nothing is built until its result is needed.",
      plain: true,
      value: (evaluation) => new Lambda(DERIVATION, evaluation, undefined, undefined),
    },
  }),
  ...defineFunctions({
    derivationStrict: {
      args: ["attrset"],
      doc: "What `derivation` is made of: computes the paths of a derivation and its outputs at once.",
      plain: true,
      run: derivationStrict,
    },
  }),
];
