/**
 * `derivationStrict`: an attribute set becomes a derivation.
 *
 * Every attribute is turned into a string and becomes an environment variable of the build; the contexts of these
 * strings say which store objects the build needs. With `__structuredAttrs` the attributes become one JSON text
 * instead. `outputHash` makes the output *fixed*: known by its contents, hence allowed to use the network. With
 * `__contentAddressed` outputs are *floating*: their paths will follow from what is built. What stands in strings for a
 * path that is not known yet is a placeholder.
 *
 * Nix's own manual specifies it ("Derivations").
 */
import type { ByteString } from "#base";
import {
  type Derivation,
  type DerivationOutput,
  derivationPath,
  downstreamPlaceholder,
  fillOutputPaths,
  formatDerivation,
  formatHash,
  type HashAlgorithm,
  hashDerivationModulo,
  type OutputHashes,
  outputPathName,
  outputPlaceholder,
  type StorePath,
  storeNameProblem,
} from "#format";
import {
  Attrs,
  addTrace,
  ContextString,
  type Evaluation,
  evalError,
  forceAttrs,
  type Lazy,
  StringContext,
  type Value,
} from "../runtime/mod.ts";
import { attributeSpan } from "./attribute-span.ts";
import { type HashMode, Recipe } from "./derivation-recipe.ts";
import { parseHashOrEmpty } from "./hashes.ts";

/** What one evaluation has made: for hashing what depends on it, and for contexts that mean all outputs. */
interface Made {
  readonly derivations: Map<StorePath, Derivation>;
  readonly hashes: Map<StorePath, OutputHashes>;
}

function madeBy(evaluation: Evaluation): Made {
  return evaluation.memo("derivations", () => ({ derivations: new Map(), hashes: new Map() }));
}

function readDerivation(evaluation: Evaluation, path: StorePath): Derivation {
  const { derivations } = madeBy(evaluation);
  const known = derivations.get(path) ?? evaluation.host.readDerivation(path);
  derivations.set(path, known);
  return known;
}

/** The hash of an input derivation, once an evaluation. */
function inputHashes(evaluation: Evaluation, path: StorePath): OutputHashes {
  const { hashes } = madeBy(evaluation);
  const known = hashes.get(path);
  if (known) return known;
  const computed = hashDerivationModulo(readDerivation(evaluation, path), (input) =>
    inputHashes(evaluation, input),
  );
  hashes.set(path, computed);
  return computed;
}

/** Which derivations and paths the build needs, by the contexts of all strings. */
function collectInputs(evaluation: Evaluation, context: StringContext | undefined) {
  const inputDrvs = new Map<StorePath, Set<string>>();
  const inputSrcs = new Set<StorePath>();
  const need = (drvPath: StorePath, outputs: Iterable<string>) => {
    const known = inputDrvs.get(drvPath) ?? new Set();
    for (const output of outputs) known.add(output);
    inputDrvs.set(drvPath, known);
  };
  for (const element of context?.elements() ?? []) {
    if (element.kind === "opaque") inputSrcs.add(element.path as StorePath);
    else if (element.kind === "built") need(element.drvPath as StorePath, [element.output]);
    else {
      for (const path of evaluation.host.closure(element.drvPath as StorePath)) {
        inputSrcs.add(path);
        if (path.endsWith(".drv")) need(path, readDerivation(evaluation, path).outputs.keys());
      }
    }
  }
  const sorted = [...inputDrvs].map(([path, outputs]): [StorePath, string[]] => [path, [...outputs].sort()]);
  return { inputDrvs: new Map(sorted), inputSrcs: [...inputSrcs].sort() };
}

function outputsOf(evaluation: Evaluation, recipe: Recipe): Map<string, DerivationOutput> {
  if (recipe.outputHash === undefined) {
    const { hashAlgorithm = "sha256", hashMode = "nar" } = recipe;
    const hashAlgo = recipe.isFloating ? hashAlgoOf(hashMode, hashAlgorithm) : "";
    return new Map(recipe.outputs.map((output) => [output, { path: "", hashAlgo, hash: "" }]));
  }
  if (recipe.outputs.length !== 1 || recipe.outputs[0] !== "out") {
    throw evalError("invalid-value", "multiple outputs are not supported in fixed-output derivations");
  }
  const hash = parseHashOrEmpty(evaluation, { text: recipe.outputHash, algorithm: recipe.hashAlgorithm });
  const hashAlgo = hashAlgoOf(recipe.hashMode ?? "flat", hash.algorithm);
  return new Map([["out", { path: "", hashAlgo, hash: formatHash(hash, "base16") }]]);
}

const METHOD_PREFIXES: Readonly<Record<HashMode, string>> = { flat: "", nar: "r:", text: "text:" };

function hashAlgoOf(mode: HashMode, algorithm: HashAlgorithm): string {
  return METHOD_PREFIXES[mode] + algorithm;
}

function assemble(evaluation: Evaluation, recipe: Recipe): Derivation {
  const { inputDrvs, inputSrcs } = collectInputs(evaluation, recipe.contexts.context);
  if (recipe.builder === "") throw evalError("missing-attribute", "required attribute 'builder' missing");
  if (recipe.system === "") throw evalError("missing-attribute", "required attribute 'system' missing");
  const isOneText = recipe.hashMode === "text" && recipe.outputs.length === 1 && recipe.outputs[0] === "out";
  if (recipe.name.endsWith(".drv") && !isOneText) {
    throw evalError(
      "invalid-value",
      "derivation names are allowed to end in '.drv' only if they produce a single derivation file",
    );
  }
  const outputs = outputsOf(evaluation, recipe);
  const { name, env, args, system, builder } = recipe;
  if (recipe.json) env.set("__json", `{${recipe.json.join(",")}}`);
  if (recipe.isFloating && recipe.outputHash === undefined)
    for (const output of recipe.outputs) env.set(output, outputPlaceholder(output));
  const unfilled: Derivation = { name, outputs, inputDrvs, inputSrcs, system, builder, args, env };
  checkOutputNames(unfilled);
  return fillOutputPaths(unfilled, (path) => inputHashes(evaluation, path));
}

/** An output's name becomes part of its path's. */
function checkOutputNames(drv: Derivation): void {
  for (const output of drv.outputs.keys()) {
    const problem = storeNameProblem(outputPathName(drv.name, output));
    if (problem !== undefined) throw evalError("invalid-value", problem);
  }
}

/** Makes a derivation and registers it: `{ drvPath, <output> = path; … }`. */
export function derivationStrict(evaluation: Evaluation, argument: Lazy): Value {
  const attrs = forceAttrs(argument);
  const recipe = locatedByName(evaluation, attrs, () => new Recipe(evaluation, attrs));
  recipe.readAll(attrs);
  const derivation = locatedByName(evaluation, attrs, () => assemble(evaluation, recipe));
  const drvPath = derivationPath(derivation, formatDerivation(derivation));
  madeBy(evaluation).derivations.set(drvPath, derivation);
  evaluation.host.addDerivation(drvPath, derivation);
  const result: [ByteString, Lazy][] = Array.from(derivation.outputs, ([output, { path }]) => [
    output,
    new ContextString(
      path === "" ? downstreamPlaceholder(drvPath, output) : path,
      StringContext.of({ kind: "built", drvPath, output }),
    ),
  ]);
  result.push(["drvPath", new ContextString(drvPath, StringContext.of({ kind: "drv-deep", drvPath }))]);
  return Attrs.fromEntries(result);
}

/** What is wrong with a derivation as a whole is looked for where its name was written. */
function locatedByName<T>(evaluation: Evaluation, attrs: Attrs, make: () => T): T {
  try {
    return make();
  } catch (error) {
    addTrace(error, "while evaluating the derivation of this name", attributeSpan(evaluation, attrs, "name"));
    throw error;
  }
}
