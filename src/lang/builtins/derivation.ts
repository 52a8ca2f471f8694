/**
 * `derivationStrict`: an attribute set becomes a derivation.
 *
 * Every attribute is turned into a string and becomes an environment variable of the build; the contexts of these
 * strings say which store objects the build needs. With `__structuredAttrs` the attributes become one JSON text
 * instead. `outputHash` makes the output *fixed*: known by its contents, hence allowed to use the network.
 *
 * Nix's own manual specifies it ("Derivations"); the order in which attributes are looked at is that of their names,
 * which shows in what is reported first.
 */
import { type ByteString, isCopseError } from "#base";
import {
  type Derivation,
  type DerivationOutput,
  derivationPath,
  fillOutputPaths,
  formatDerivation,
  formatHash,
  type HashAlgorithm,
  hashDerivationModulo,
  isHashAlgorithm,
  type OutputHashes,
  outputPathName,
  type StorePath,
} from "#format";
import {
  Attrs,
  addTrace,
  ContextCollector,
  ContextString,
  coerceToString,
  contextOf,
  type Evaluation,
  evalError,
  force,
  forceAttrs,
  forceBool,
  forceList,
  forceString,
  forceStringNoContext,
  type Lazy,
  StringContext,
  textOf,
  type Value,
} from "../runtime/mod.ts";
import { requireAttr } from "./attrsets.ts";
import { experimental, parseHashOrEmpty } from "./hashes.ts";
import { parseJson } from "./json-parse.ts";
import { printJson, quoteJson } from "./json-print.ts";
import { storeNameProblem } from "./store-names.ts";

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

/** Attributes that ask for what Nix itself calls experimental. False is as if they were not there. */
const EXPERIMENTAL: ReadonlyMap<ByteString, string> = new Map([
  ["__contentAddressed", "ca-derivations"],
  ["__impure", "impure-derivations"],
]);

type HashMode = "flat" | "nar";

/** The attributes of a derivation as they are read, one by one. */
class Recipe {
  readonly name: string;
  readonly env = new Map<ByteString, ByteString>();
  readonly args: ByteString[] = [];
  readonly contexts = new ContextCollector();
  outputs: string[] = ["out"];
  builder = "";
  system = "";
  outputHash: string | undefined;
  hashAlgorithm: HashAlgorithm | undefined;
  hashMode: HashMode | undefined;
  /** The members of `__json`, already printed; undefined where the attributes become variables. */
  readonly json: string[] | undefined;
  readonly #evaluation: Evaluation;
  readonly #ignoreNulls: boolean;

  constructor(evaluation: Evaluation, attrs: Attrs) {
    this.#evaluation = evaluation;
    this.name = forceStringNoContext(requireAttr(attrs, "name"));
    checkName(this.name);
    this.json = isTrue(attrs, "__structuredAttrs") ? [] : undefined;
    this.#ignoreNulls = isTrue(attrs, "__ignoreNulls");
  }

  readAll(attrs: Attrs): void {
    for (const [name, value] of attrs.entries()) {
      try {
        this.#read(name, value);
      } catch (error) {
        addTrace(error, `while evaluating attribute '${name}' of derivation '${this.name}'`);
        throw error;
      }
    }
  }

  #read(name: ByteString, value: Lazy): void {
    if (name === "__ignoreNulls") return;
    if (this.#ignoreNulls && force(value) === null) return;
    if (name === "args") {
      this.#readArgs(value);
      return;
    }
    const feature = EXPERIMENTAL.get(name);
    if (feature !== undefined) {
      if (forceBool(value)) throw experimental(feature);
      return;
    }
    if (this.json) this.#readStructured(name, value);
    else this.#readVariable(name, value);
  }

  #readArgs(value: Lazy): void {
    for (const item of forceList(value)) this.args.push(this.#text(item));
  }

  /** Any value as the text of an environment variable. */
  #text(value: Lazy): ByteString {
    const string = coerceToString(this.#evaluation, value, { coerceMore: true });
    this.contexts.add(contextOf(string));
    return textOf(string);
  }

  #readVariable(name: ByteString, value: Lazy): void {
    const text = this.#text(value);
    if (name === "__json") {
      this.#evaluation.host.message(
        "warning",
        `In derivation '${this.name}': setting structured attributes via '__json' is deprecated, and may be ` +
          "disallowed in future versions of Nix. Set '__structuredAttrs = true' instead.",
      );
      // Parsed and printed again: what counts is the canonical form.
      this.env.set(name, printJson(this.#evaluation, parseJsonAttribute(text)).text);
      return;
    }
    this.env.set(name, text);
    if (name === "outputs") this.#setOutputs(text.split(/[ \t\n\r]+/).filter((output) => output !== ""));
    else this.#readSpecial(name, () => text);
  }

  #readStructured(name: ByteString, value: Lazy): void {
    if (name === "__structuredAttrs") return;
    const { text, context } = printJson(this.#evaluation, value);
    this.json?.push(`${quoteJson(name)}:${text}`);
    this.contexts.add(context);
    if (name === "outputs") this.#setOutputs(forceList(value).map(forceStringNoContext));
    else if (name === "builder") {
      const builder = forceString(value);
      this.contexts.add(contextOf(builder));
      this.builder = textOf(builder);
    } else this.#readSpecial(name, () => forceStringNoContext(value));
  }

  #readSpecial(name: ByteString, text: () => ByteString): void {
    switch (name) {
      case "builder":
        this.builder = text();
        break;
      case "system":
        this.system = text();
        break;
      case "outputHash":
        this.outputHash = text();
        break;
      case "outputHashAlgo": {
        const algorithm = text();
        this.hashAlgorithm = isHashAlgorithm(algorithm) ? algorithm : undefined;
        break;
      }
      case "outputHashMode":
        this.hashMode = parseHashMode(text(), this.name);
    }
  }

  #setOutputs(outputs: readonly string[]): void {
    const seen = new Set<string>();
    for (const output of outputs) {
      if (seen.has(output)) throw evalError("invalid-value", `duplicate derivation output '${output}'`);
      // Its path would be where the derivation's own is.
      if (output === "drvPath") throw evalError("invalid-value", "invalid derivation output name 'drvPath'");
      seen.add(output);
    }
    if (seen.size === 0) throw evalError("invalid-value", "derivation cannot have an empty set of outputs");
    this.outputs = [...seen].sort();
  }
}

function parseJsonAttribute(text: ByteString): Value {
  try {
    return parseJson(text);
  } catch (error) {
    if (!isCopseError(error, "invalid-value")) throw error;
    throw evalError("invalid-value", `cannot process __json attribute: ${error.message}`, { cause: error });
  }
}

function isTrue(attrs: Attrs, name: string): boolean {
  const value = attrs.get(name);
  return value !== undefined && forceBool(value);
}

function checkName(name: string): void {
  const problem = storeNameProblem(name);
  if (problem === undefined) return;
  throw evalError("invalid-value", `invalid derivation name: ${problem}. Please pass a different 'name'.`);
}

function parseHashMode(text: string, name: string): HashMode {
  switch (text) {
    case "recursive":
    case "nar":
      return "nar";
    case "flat":
      return "flat";
    case "text":
      throw experimental("dynamic-derivations", `text-hashed derivation '${name}', outputHashMode = "text"`);
    case "git":
      throw experimental("git-hashing");
    default:
      throw evalError("invalid-value", `invalid value '${text}' for 'outputHashMode' attribute`);
  }
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
    return new Map(recipe.outputs.map((output) => [output, { path: "", hashAlgo: "", hash: "" }]));
  }
  if (recipe.outputs.length !== 1 || recipe.outputs[0] !== "out") {
    throw evalError("invalid-value", "multiple outputs are not supported in fixed-output derivations");
  }
  const hash = parseHashOrEmpty(evaluation, { text: recipe.outputHash, algorithm: recipe.hashAlgorithm });
  const hashAlgo = `${recipe.hashMode === "nar" ? "r:" : ""}${hash.algorithm}`;
  return new Map([["out", { path: "", hashAlgo, hash: formatHash(hash, "base16") }]]);
}

function assemble(evaluation: Evaluation, recipe: Recipe): Derivation {
  const { inputDrvs, inputSrcs } = collectInputs(evaluation, recipe.contexts.context);
  if (recipe.builder === "") throw evalError("missing-attribute", "required attribute 'builder' missing");
  if (recipe.system === "") throw evalError("missing-attribute", "required attribute 'system' missing");
  if (recipe.name.endsWith(".drv")) {
    throw evalError(
      "invalid-value",
      "derivation names are allowed to end in '.drv' only if they produce a single derivation file",
    );
  }
  const outputs = outputsOf(evaluation, recipe);
  const { name, env, args, system, builder } = recipe;
  if (recipe.json) env.set("__json", `{${recipe.json.join(",")}}`);
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
  const recipe = new Recipe(evaluation, attrs);
  recipe.readAll(attrs);
  const derivation = assemble(evaluation, recipe);
  const drvPath = derivationPath(derivation, formatDerivation(derivation));
  madeBy(evaluation).derivations.set(drvPath, derivation);
  evaluation.host.addDerivation(drvPath, derivation);
  const result: [ByteString, Lazy][] = Array.from(derivation.outputs, ([output, { path }]) => [
    output,
    new ContextString(path, StringContext.of({ kind: "built", drvPath, output })),
  ]);
  result.push(["drvPath", new ContextString(drvPath, StringContext.of({ kind: "drv-deep", drvPath }))]);
  return Attrs.fromEntries(result);
}
