/**
 * The variables of a build, as C++ Nix sets them, and the files that stand in the build's folder before the builder
 * starts: long variables (`passAsFile`), structured attributes, graphs of references.
 *
 * Everything the derivation says may hold *placeholders* of its own outputs, and, where an output cannot be built at
 * its own place, that place's digest: both are replaced here.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type ByteString,
  byteStringFromText,
  bytesFromByteString,
  CopseError,
  textFromByteString,
} from "#base";
import {
  fixedOutput,
  formatHash,
  hashBytes,
  outputPlaceholder,
  rewriteText,
  STORE_DIR,
  type StorePath,
} from "#format";
import type { BuildTask } from "../context.ts";
import type { DerivationOptions } from "../derivation-options.ts";
import { type GraphRequest, referencesGraphJson, referencesGraphText } from "./references-graph.ts";
import { ATTRS_JSON, ATTRS_SH, formatAttrsJson, formatAttrsShell } from "./structured-attrs.ts";

/** What is replaced by what, in this order, in all that a builder is given. */
export type Rewrites = ReadonlyMap<ByteString, ByteString>;

export interface EnvironmentRequest {
  readonly options: DerivationOptions;
  /** The build's own folder: where it is, and where the builder sees it. */
  readonly buildDir: string;
  readonly seenAt: string;
  readonly rewrites: Rewrites;
}

/** Writes the files and returns the variables, both as byte strings. */
export async function prepareEnvironment(
  task: BuildTask,
  request: EnvironmentRequest,
): Promise<Map<ByteString, ByteString>> {
  const { buildDir, seenAt, rewrites } = request;
  const env = new Map<ByteString, ByteString>([
    ["PATH", "/path-not-set"],
    ["HOME", "/homeless-shelter"],
    ["NIX_STORE", STORE_DIR],
    ["NIX_BUILD_CORES", String(task.services.cores)],
  ]);
  const { variables, files } = describeAttributes(task, request);
  for (const [name, value] of variables) env.set(name, value);
  for (const [name, contents] of files) {
    await writeFile(join(buildDir, fileName(name)), bytesFromByteString(rewriteText(contents, rewrites)), {
      flag: "wx",
    });
  }
  for (const name of ["NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP", "PWD"]) env.set(name, seenAt);
  if (fixedOutput(task.drv)) {
    env.set("NIX_OUTPUT_CHECKED", "1");
    for (const name of request.options.impureEnvVars) env.set(name, impureVariable(task, name));
  }
  env.set("NIX_LOG_FD", "2");
  env.set("TERM", "xterm-256color");
  return new Map(
    [...env].map(([name, value]) => [rewriteText(name, rewrites), rewriteText(value, rewrites)]),
  );
}

interface Attributes {
  readonly variables: Map<ByteString, ByteString>;
  readonly files: Map<ByteString, ByteString>;
}

function describeAttributes(task: BuildTask, request: EnvironmentRequest): Attributes {
  const { options } = request;
  return options.structured ? describeStructured(task, request) : describeVariables(task, request);
}

function describeVariables(task: BuildTask, { options, seenAt }: EnvironmentRequest): Attributes {
  const variables = new Map<ByteString, ByteString>();
  const files = new Map<ByteString, ByteString>();
  for (const [name, value] of task.drv.env) {
    if (!options.passAsFile.has(name)) {
      variables.set(name, value);
      continue;
    }
    const file = `.attr-${formatHash(hashBytes("sha256", bytesFromByteString(name)), "nix32")}`;
    files.set(file, value);
    variables.set(`${name}Path`, `${seenAt}/${file}`);
  }
  for (const [name, roots] of options.exportReferencesGraph) {
    files.set(name, referencesGraphText(graphOf(task, roots)));
  }
  return { variables, files };
}

function describeStructured(task: BuildTask, { options, seenAt }: EnvironmentRequest): Attributes {
  const attrs = new Map(options.structured);
  attrs.set("outputs", new Map([...task.drv.outputs.keys()].map((name) => [name, outputPlaceholder(name)])));
  for (const [name, roots] of options.exportReferencesGraph) {
    attrs.set(name, referencesGraphJson(graphOf(task, roots)));
  }
  return {
    variables: new Map([
      ["NIX_ATTRS_SH_FILE", `${seenAt}/${ATTRS_SH}`],
      ["NIX_ATTRS_JSON_FILE", `${seenAt}/${ATTRS_JSON}`],
    ]),
    files: new Map([
      [ATTRS_SH, formatAttrsShell(attrs)],
      [ATTRS_JSON, formatAttrsJson(attrs)],
    ]),
  };
}

function graphOf(task: BuildTask, roots: readonly StorePath[]): GraphRequest {
  return { store: task.services.store, roots, inputs: new Set(task.inputs) };
}

/** `impure-env` of the settings comes before what the caller has. Unset is empty. */
function impureVariable(task: BuildTask, name: ByteString): ByteString {
  const { nix, env } = task.services;
  const assigned = nix["impure-env"];
  if (assigned.length > 0 && !nix["experimental-features"].includes("configurable-impure-env")) {
    throw new CopseError(
      "experimental-feature",
      "experimental Nix feature 'configurable-impure-env' is disabled; add '--extra-experimental-features configurable-impure-env' to enable it",
    );
  }
  const own = assigned.findLast((assignment) => assignment.startsWith(`${name}=`));
  return byteStringFromText(own?.slice(name.length + 1) ?? env[textFromByteString(name)] ?? "");
}

/** One component: names of graphs come from the derivation. */
function fileName(name: ByteString): string {
  if (!name.includes("/") && !name.includes("\0") && name !== "" && name !== "." && name !== "..") {
    return textFromByteString(name);
  }
  throw new CopseError("derivation-options", `invalid file name '${textFromByteString(name)}'`);
}
