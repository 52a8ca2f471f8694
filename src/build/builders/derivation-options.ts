/**
 * What a derivation asks of its build beside a program and variables: checks of its outputs, graphs of references as
 * files, features of the machine, variables of the caller. Nix keeps these wishes among the variables themselves, as
 * words; with structured attributes they are members of the JSON text, and the checks stand in `outputChecks`.
 *
 * Surprising in it: without structured attributes a path's reference to itself does not count in checks of
 * requisites, with them it does; and of `passAsFile` structured attributes know nothing.
 */
import { type ByteString, CopseError } from "#base";
import {
  type Derivation,
  isJsonArray,
  isJsonObject,
  isStorePath,
  type Json,
  type JsonObject,
  parseJsonText,
  STORE_DIR,
  type StorePath,
  storePathOf,
} from "#format";

/** A store path, or the name of an output of the derivation itself. */
export type ReferenceSpecifier =
  | { readonly kind: "path"; readonly path: StorePath }
  | { readonly kind: "output"; readonly name: string };

export interface OutputChecks {
  readonly ignoreSelfReferences: boolean;
  readonly maxSize: bigint | undefined;
  readonly maxClosureSize: bigint | undefined;
  /** Undefined: everything is allowed. */
  readonly allowedReferences: readonly ReferenceSpecifier[] | undefined;
  readonly allowedRequisites: readonly ReferenceSpecifier[] | undefined;
  readonly disallowedReferences: readonly ReferenceSpecifier[];
  readonly disallowedRequisites: readonly ReferenceSpecifier[];
}

export interface DerivationOptions {
  /** The members of `__json` where the derivation has structured attributes. */
  readonly structured: JsonObject | undefined;
  checksOf(output: string): OutputChecks | undefined;
  /** Outputs whose contents are not searched for references. */
  readonly discardsReferences: ReadonlySet<string>;
  readonly passAsFile: ReadonlySet<ByteString>;
  /** By file name or JSON name: paths whose closure is written there. */
  readonly exportReferencesGraph: ReadonlyMap<ByteString, readonly StorePath[]>;
  readonly noChroot: boolean;
  readonly impureHostDeps: readonly ByteString[];
  readonly impureEnvVars: readonly ByteString[];
  readonly requiredSystemFeatures: readonly string[];
  readonly preferLocalBuild: boolean;
  readonly allowSubstitutes: boolean;
  /** What was asked for in a place where it has no effect. */
  readonly warnings: readonly string[];
}

/** Throws CopseError `derivation-options` where a wish is malformed. */
export function parseDerivationOptions(drv: Derivation): DerivationOptions {
  const json = drv.env.get("__json");
  return json === undefined ? fromVariables(drv) : fromStructured(parseStructured(json));
}

function parseStructured(text: ByteString): JsonObject {
  let value: Json;
  try {
    value = parseJsonText(text);
  } catch (cause) {
    throw malformed(`cannot process __json attribute: ${(cause as Error).message}`);
  }
  if (!isJsonObject(value)) throw malformed("cannot process __json attribute: it is not a JSON object");
  return value;
}

function fromVariables({ env }: Derivation): DerivationOptions {
  const wordsOf = (name: string): ByteString[] | undefined => {
    const value = env.get(name);
    return value === undefined ? undefined : [...new Set(splitWords(value))];
  };
  const flag = (name: string, otherwise: boolean): boolean => {
    const value = env.get(name);
    return value === undefined ? otherwise : value === "1";
  };
  const specifiers = (name: string) => wordsOf(name)?.map(parseSpecifier);
  const checks: OutputChecks = {
    ignoreSelfReferences: true,
    maxSize: undefined,
    maxClosureSize: undefined,
    allowedReferences: specifiers("allowedReferences"),
    allowedRequisites: specifiers("allowedRequisites"),
    disallowedReferences: specifiers("disallowedReferences") ?? [],
    disallowedRequisites: specifiers("disallowedRequisites") ?? [],
  };
  return {
    structured: undefined,
    checksOf: () => checks,
    discardsReferences: new Set(),
    passAsFile: new Set(wordsOf("passAsFile")),
    exportReferencesGraph: graphsOfWords(env.get("exportReferencesGraph") ?? ""),
    noChroot: flag("__noChroot", false),
    impureHostDeps: wordsOf("__impureHostDeps") ?? [],
    impureEnvVars: wordsOf("impureEnvVars") ?? [],
    requiredSystemFeatures: wordsOf("requiredSystemFeatures") ?? [],
    preferLocalBuild: flag("preferLocalBuild", false),
    allowSubstitutes: flag("allowSubstitutes", true),
    warnings: [],
  };
}

/** Names and paths by turns: `graph1 /nix/store/… graph2 /nix/store/…`. */
function graphsOfWords(text: ByteString): Map<ByteString, StorePath[]> {
  const words = splitWords(text);
  if (words.length % 2 !== 0) throw malformed(`odd number of tokens in 'exportReferencesGraph': '${text}'`);
  const graphs = new Map<ByteString, StorePath[]>();
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i] as ByteString;
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
      throw malformed(`invalid file name '${name}' in 'exportReferencesGraph'`);
    graphs.set(name, [storePathIn(words[i + 1] as ByteString)]);
  }
  return graphs;
}

const WITHOUT_EFFECT = [
  ...["allowedReferences", "allowedRequisites", "disallowedRequisites", "disallowedReferences"],
  ...["maxSize", "maxClosureSize"],
];

function fromStructured(structured: JsonObject): DerivationOptions {
  const reader = new MemberReader(structured, "");
  const warnings = WITHOUT_EFFECT.filter((name) => structured.has(name)).map(
    (name) =>
      `'structuredAttrs' disables the effect of the top-level attribute '${name}'; use 'outputChecks' instead`,
  );
  const checks = new Map<string, OutputChecks>();
  for (const [output, member] of reader.object("outputChecks") ?? []) {
    checks.set(output, readChecks(new MemberReader(requireObject(member), `outputChecks."${output}".`)));
  }
  const discards = [...(reader.object("unsafeDiscardReferences") ?? [])].filter(([name, value]) => {
    if (typeof value !== "boolean")
      throw malformed(`while parsing attribute 'unsafeDiscardReferences': '${name}' is not a Boolean`);
    return value;
  });
  return {
    structured,
    checksOf: (output) => checks.get(output),
    discardsReferences: new Set(discards.map(([name]) => name)),
    passAsFile: new Set(),
    exportReferencesGraph: graphsOfJson(structured.get("exportReferencesGraph"), warnings),
    noChroot: reader.boolean("__noChroot") ?? false,
    impureHostDeps: reader.strings("__impureHostDeps") ?? [],
    impureEnvVars: reader.strings("impureEnvVars") ?? [],
    requiredSystemFeatures: reader.strings("requiredSystemFeatures") ?? [],
    preferLocalBuild: reader.boolean("preferLocalBuild") ?? false,
    allowSubstitutes: reader.boolean("allowSubstitutes") ?? true,
    warnings,
  };
}

function readChecks(reader: MemberReader): OutputChecks {
  const specifiers = (name: string) => reader.strings(name)?.map(parseSpecifier);
  return {
    ignoreSelfReferences: false,
    maxSize: reader.size("maxSize"),
    maxClosureSize: reader.size("maxClosureSize"),
    allowedReferences: specifiers("allowedReferences"),
    allowedRequisites: specifiers("allowedRequisites"),
    disallowedReferences: specifiers("disallowedReferences") ?? [],
    disallowedRequisites: specifiers("disallowedRequisites") ?? [],
  };
}

function graphsOfJson(value: Json | undefined, warnings: string[]): Map<ByteString, StorePath[]> {
  if (value === undefined) return new Map();
  if (!isJsonObject(value)) {
    warnings.push("'exportReferencesGraph' in structured attrs is not a JSON object, ignoring");
    return new Map();
  }
  return new Map(
    [...value].map(([name, paths]) => [name, [...new Set(flatStrings(paths))].map(storePathIn)]),
  );
}

function flatStrings(value: Json): ByteString[] {
  if (typeof value === "string") return [value];
  if (isJsonArray(value)) return value.flatMap(flatStrings);
  throw malformed("'exportReferencesGraph' value is not an array or a string");
}

/** Members of one object, each with the type that it must have. */
class MemberReader {
  readonly #object: JsonObject;
  readonly #prefix: string;

  constructor(object: JsonObject, prefix: string) {
    this.#object = object;
    this.#prefix = prefix;
  }
  boolean(name: string): boolean | undefined {
    return this.#read(name, "a Boolean", (value) => (typeof value === "boolean" ? value : undefined));
  }
  size(name: string): bigint | undefined {
    return this.#read(name, "an unsigned number", (value) =>
      typeof value === "bigint" && value >= 0n ? value : undefined,
    );
  }
  strings(name: string): ByteString[] | undefined {
    return this.#read(name, "an array of strings", (value) =>
      isJsonArray(value) && value.every((item) => typeof item === "string")
        ? [...new Set(value as readonly ByteString[])]
        : undefined,
    );
  }
  object(name: string): JsonObject | undefined {
    return this.#read(name, "an object", (value) => (isJsonObject(value) ? value : undefined));
  }
  #read<T>(name: string, type: string, take: (value: Json) => T | undefined): T | undefined {
    const value = this.#object.get(name);
    if (value === undefined) return undefined;
    const taken = take(value);
    if (taken === undefined)
      throw malformed(`while parsing attribute "${this.#prefix}${name}": it is not ${type}`);
    return taken;
  }
}

function requireObject(value: Json): JsonObject {
  if (isJsonObject(value)) return value;
  throw malformed("while parsing attribute 'outputChecks': a member is not an object");
}

function parseSpecifier(text: ByteString): ReferenceSpecifier {
  if (isStorePath(text)) return { kind: "path", path: text };
  return { kind: "output", name: text };
}

/** The store path that a path is or lies in. */
function storePathIn(text: ByteString): StorePath {
  const found = storePathOf(text);
  if (found) return found.path;
  throw malformed(`path '${text}' is not in the Nix store`, `a path of a graph begins with ${STORE_DIR}`);
}

function splitWords(text: ByteString): ByteString[] {
  return text.split(/[ \t\n\r]+/).filter((word) => word !== "");
}

function malformed(message: string, hint?: string): CopseError {
  return new CopseError("derivation-options", message, hint === undefined ? {} : { hint });
}
