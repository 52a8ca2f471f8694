/**
 * The attributes of a derivation as they are read, one by one in the order of their names, which shows in what is
 * reported first. Most become variables of the build; some say what the derivation is.
 */
import { type ByteString, isCopseError, requireFeature } from "#base";
import { type HashAlgorithm, isHashAlgorithm, storeNameProblem } from "#format";
import {
  type Attrs,
  addTrace,
  ContextCollector,
  coerceToString,
  contextOf,
  type Evaluation,
  evalError,
  force,
  forceBool,
  forceList,
  forceString,
  forceStringNoContext,
  type Lazy,
  textOf,
  type Value,
} from "../runtime/mod.ts";
import { attributeSpan } from "./attribute-span.ts";
import { requireAttr } from "./attrsets.ts";
import { parseAlgorithm } from "./hashes.ts";
import { parseJson } from "./json-parse.ts";
import { printJson, quoteJson } from "./json-print.ts";

/** Attributes that ask for what Nix itself calls experimental. False is as if they were not there. */
const EXPERIMENTAL: ReadonlyMap<ByteString, string> = new Map([
  ["__contentAddressed", "ca-derivations"],
  ["__impure", "impure-derivations"],
]);

export type HashMode = "flat" | "nar" | "text";

export class Recipe {
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
  /** Its outputs' paths follow from what is built. */
  isFloating = false;
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
        const span = attributeSpan(this.#evaluation, attrs, name);
        addTrace(error, `while evaluating attribute '${name}' of derivation '${this.name}'`, span);
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
      if (forceBool(value)) {
        requireFeature(this.#features, feature);
        this.isFloating = true;
      }
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
        this.hashAlgorithm = isHashAlgorithm(algorithm)
          ? parseAlgorithm(this.#evaluation, algorithm)
          : undefined;
        break;
      }
      case "outputHashMode":
        this.hashMode = parseHashMode(text(), { name: this.name, features: this.#features });
    }
  }

  get #features(): readonly string[] {
    return this.#evaluation.settings.experimentalFeatures;
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

function parseHashMode(
  text: string,
  { name, features }: { readonly name: string; readonly features: readonly string[] },
): HashMode {
  switch (text) {
    case "recursive":
    case "nar":
      return "nar";
    case "flat":
      return "flat";
    case "text":
      requireFeature(
        features,
        "dynamic-derivations",
        `text-hashed derivation '${name}', outputHashMode = "text"`,
      );
      return "text";
    case "git":
      requireFeature(features, "git-hashing");
  }
  throw evalError("invalid-value", `invalid value '${text}' for 'outputHashMode' attribute`);
}
