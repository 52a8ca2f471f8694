/**
 * Derivations as JSON, version 4: what `nix derivation show` prints and `nix derivation add` reads.
 *
 *     { "name": "hello", "version": 4, "system": …, "builder": …, "args": […], "env": {…},
 *       "outputs": { "out": { "path": "…-hello" } },
 *       "inputs": { "srcs": ["…-builder.sh"],
 *                   "drvs": { "…-bash.drv": { "outputs": ["out"], "dynamicOutputs": {} } } } }
 *
 * Store paths are named without the store's directory. An output tells its kind by its members: `path` (known by its
 * derivation), `method` and `hash` (fixed), `method` and `hashAlgo` (known once it is built), none (not known before its
 * inputs are). Structured attributes, which the .drv file has as one variable of JSON text, stand by themselves.
 */
import { type ByteString, CopseError } from "#base";
import type { Derivation, DerivationOutput } from "./derivation.ts";
import { parseHashAlgo } from "./derivation-hash.ts";
import { formatHash, isHashAlgorithm, parseHash } from "./hash.ts";
import { formatJson, isJsonArray, isJsonObject, type Json, type JsonObject, parseJsonText } from "./json.ts";
import { checkStoreName } from "./store-name.ts";
import { type StorePath, storePathBase, storePathFromBase } from "./store-path.ts";

export const DERIVATION_JSON_VERSION = 4n;

/** The variable that holds structured attributes in a .drv file. */
const STRUCTURED = "__json";

export function derivationToJson(drv: Derivation): JsonObject {
  const structured = drv.env.get(STRUCTURED);
  const env = [...drv.env].filter(([name]) => name !== STRUCTURED);
  const members: [string, Json][] = [
    ["name", drv.name],
    ["version", DERIVATION_JSON_VERSION],
    ["outputs", mapValues(drv.outputs, outputToJson)],
    ["inputs", inputsToJson(drv)],
    ["system", drv.system],
    ["builder", drv.builder],
    ["args", drv.args],
    ["env", new Map(env)],
  ];
  if (structured !== undefined) members.push(["structuredAttrs", parseJsonText(structured)]);
  return new Map(members);
}

function outputToJson({ path, hashAlgo, hash }: DerivationOutput): Json {
  if (hashAlgo === "") return new Map(path === "" ? [] : [["path", storePathBase(path)]]);
  const { method, algorithm } = parseHashAlgo(hashAlgo);
  if (hash === "") {
    return new Map<string, Json>([
      ["method", method],
      ["hashAlgo", algorithm],
    ]);
  }
  return new Map<string, Json>([
    ["method", method],
    ["hash", formatHash(parseHash(hash, algorithm), "sri")],
  ]);
}

function inputsToJson(drv: Derivation): Json {
  const drvs = [...drv.inputDrvs].map(([path, outputs]): [string, Json] => [
    storePathBase(path),
    new Map<string, Json>([
      ["outputs", [...outputs].sort()],
      ["dynamicOutputs", new Map()],
    ]),
  ]);
  return new Map<string, Json>([
    ["srcs", drv.inputSrcs.map(storePathBase)],
    ["drvs", new Map(drvs)],
  ]);
}

/**
 * The derivation that JSON describes. Paths of fixed outputs are not in it, and others may be missing: they are "" here,
 * see `fillOutputPaths`. Throws CopseError `derivation-json`, and what reading paths, names and hashes throws.
 */
export function derivationFromJson(json: Json): Derivation {
  const drv = new Members(json, "derivation");
  const version = drv.get("version");
  if (version !== DERIVATION_JSON_VERSION) {
    throw new CopseError(
      "derivation-json",
      `Unsupported derivation JSON format version ${formatJson(version)}, only format version ${DERIVATION_JSON_VERSION} is currently supported.`,
    );
  }
  const name = drv.text("name");
  checkStoreName(name);
  const inputs = drv.members("inputs");
  const env = new Map(drv.members("env").entries((members, key) => members.text(key)));
  const structured = drv.optional("structuredAttrs");
  if (structured !== undefined) env.set(STRUCTURED, formatJson(structured));
  return {
    name,
    outputs: new Map(drv.members("outputs").entries((members, key) => outputFromJson(members, key))),
    inputDrvs: inputDrvsFromJson(inputs.members("drvs")),
    inputSrcs: inputs.texts("srcs").map(storePathFromBase).sort(),
    system: drv.text("system"),
    builder: drv.text("builder"),
    args: drv.texts("args"),
    env,
  };
}

function outputFromJson(outputs: Members, name: string): DerivationOutput {
  checkStoreName(name);
  const output = outputs.members(name);
  switch (output.names().join(" ")) {
    case "":
      return { path: "", hashAlgo: "", hash: "" };
    case "path":
      return { path: storePathFromBase(output.text("path")), hashAlgo: "", hash: "" };
    case "hash method": {
      const hash = parseHash(output.text("hash"));
      const hashAlgo = methodPrefix(output.text("method")) + hash.algorithm;
      return { path: "", hashAlgo, hash: formatHash(hash, "base16") };
    }
    case "hashAlgo method": {
      const algorithm = output.text("hashAlgo");
      if (!isHashAlgorithm(algorithm)) throw invalid(`unknown hash algorithm '${algorithm}'`);
      return { path: "", hashAlgo: methodPrefix(output.text("method")) + algorithm, hash: "" };
    }
    default:
      throw invalid("invalid JSON for derivation output");
  }
}

function methodPrefix(method: string): string {
  const prefix = new Map([
    ["flat", ""],
    ["nar", "r:"],
    ["text", "text:"],
  ]).get(method);
  if (prefix === undefined) throw invalid(`unknown method of hashing '${method}'`);
  return prefix;
}

function inputDrvsFromJson(drvs: Members): Map<StorePath, readonly string[]> {
  return new Map(
    drvs
      .entries((members, base): readonly [StorePath, readonly string[]] => {
        const input = members.members(base);
        if (input.members("dynamicOutputs").names().length > 0)
          throw invalid(
            `experimental Nix feature 'dynamic-derivations' is disabled: '${base}' has dynamic outputs`,
          );
        return [storePathFromBase(base), input.texts("outputs").sort()];
      })
      .map(([, entry]) => entry),
  );
}

function mapValues<V>(map: ReadonlyMap<string, V>, convert: (value: V) => Json): Json {
  return new Map([...map].map(([name, value]) => [name, convert(value)]));
}

/** An object's members, which must be there and of their kind. */
class Members {
  readonly #object: JsonObject;
  readonly #what: string;

  constructor(json: Json, what: string) {
    if (!isJsonObject(json)) throw invalid(`Expected JSON value to be of type 'object': ${what}`);
    this.#object = json;
    this.#what = what;
  }

  names(): string[] {
    return [...this.#object.keys()].sort();
  }

  optional(name: string): Json | undefined {
    return this.#object.get(name);
  }

  get(name: string): Json {
    const value = this.#object.get(name);
    if (value === undefined) throw invalid(`Expected JSON object to contain key '${name}': ${this.#what}`);
    return value;
  }

  text(name: string): ByteString {
    const value = this.get(name);
    if (typeof value === "string") return value;
    throw invalid(`Expected JSON value to be of type 'string': ${name}`);
  }

  texts(name: string): ByteString[] {
    const value = this.get(name);
    if (!isJsonArray(value)) throw invalid(`Expected JSON value to be of type 'array': ${name}`);
    return value.map((item) => {
      if (typeof item === "string") return item;
      throw invalid(`Expected JSON value to be of type 'string': ${name}`);
    });
  }

  members(name: string): Members {
    return new Members(this.get(name), name);
  }

  /** By name, as a .drv file has them. */
  entries<T>(read: (members: Members, name: string) => T): (readonly [string, T])[] {
    return this.names().map((name) => [name, read(this, name)]);
  }
}

function invalid(problem: string): CopseError {
  return new CopseError("derivation-json", problem);
}
