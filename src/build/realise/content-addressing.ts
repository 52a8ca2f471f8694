/**
 * Floating outputs get their paths: what was built at scratch paths is hashed, and the path follows from the hash and
 * from what it refers to. Three things make that more than a hash.
 *
 * - Outputs refer to each other by scratch paths. These are replaced by true ones, so each output comes after those that
 *   it refers to; outputs that refer to each other in a circle cannot have paths at all.
 * - An output that refers to itself is hashed modulo its own path (see format/hash-modulo.ts), which is put into it once
 *   it is known.
 * - Something else may have come to the same contents before: then the path is valid already.
 */
import { createReadStream, renameSync } from "node:fs";
import { byteStringFromText, CopseError } from "#base";
import {
  type ByteSource,
  type ContentMethod,
  type Derivation,
  type DerivationOutput,
  type Hash,
  type HashAlgorithm,
  hashModulo,
  makeContentPath,
  outputPathName,
  parseHashAlgo,
  type StorePath,
  storePathHash,
} from "#format";
import { canonicaliseTree, contentAddress, dependenciesFirst, dumpTree, removeTree } from "#store";
import type { BuildTask } from "../builders/context.ts";
import { parseDerivationOptions } from "../builders/derivation-options.ts";
import { builtAt, copyRewritten } from "../builders/program/redirection.ts";

export interface AddressedOutputs {
  /** The derivation with the paths of its outputs. */
  readonly drv: Derivation;
  /** By path: how it follows from the contents. */
  readonly addresses: ReadonlyMap<StorePath, string>;
}

/** Of a build that is done. Outputs whose paths are known stay as they are. Throws CopseError `output-cycle`. */
export async function addressOutputs(task: BuildTask): Promise<AddressedOutputs> {
  const floating = [...task.drv.outputs].filter(([, { path }]) => path === "");
  const addresses = new Map<StorePath, string>();
  if (floating.length === 0) return { drv: task.drv, addresses };
  const made = new Map<StorePath, MadeOutput>();
  for (const [name, output] of floating) {
    const scratch = builtAt(task, name);
    made.set(scratch, { name, output, scratch, references: await referencesIn(task, name) });
  }
  const moved = new Map<StorePath, StorePath>();
  const outputs = new Map(task.drv.outputs);
  for (const scratch of inOrder(task, made)) {
    const one = made.get(scratch) as MadeOutput;
    const { path, ca } = await addressOutput(task, one, moved);
    addresses.set(path, ca);
    outputs.set(one.name, { ...one.output, path });
    moved.set(scratch, path);
  }
  return { drv: { ...task.drv, outputs }, addresses };
}

interface MadeOutput {
  readonly name: string;
  readonly output: DerivationOutput;
  readonly scratch: StorePath;
  /** Other outputs among them are named by their scratch paths. */
  readonly references: readonly StorePath[];
}

async function referencesIn(task: BuildTask, name: string): Promise<readonly StorePath[]> {
  const made = task.outputs.get(name) as string;
  canonicaliseTree(byteStringFromText(made));
  if (parseDerivationOptions(task.drv).discardsReferences.has(name)) return [];
  const own = [...task.drv.outputs.keys()].map((output) => builtAt(task, output));
  const { references } = await task.services.store.hashTree(made, [...task.inputs, ...own], task.signal);
  return references;
}

function inOrder(task: BuildTask, made: ReadonlyMap<StorePath, MadeOutput>): StorePath[] {
  try {
    return dependenciesFirst([...made.keys()], (scratch) => made.get(scratch)?.references ?? []);
  } catch (cause) {
    if (!(cause instanceof CopseError) || cause.code !== "store-cycle") throw cause;
    const names = [...made.values()].map(({ name }) => `'${name}'`).sort();
    throw new CopseError(
      "output-cycle",
      `cycle detected in build of '${task.drvPath}' in the references of outputs ${names.join(" and ")}`,
      {
        hint: "outputs whose paths follow from their contents cannot refer to each other in a circle",
        cause,
      },
    );
  }
}

/** `moved`: from the scratch paths of outputs that come before to their own. */
async function addressOutput(
  task: BuildTask,
  made: MadeOutput,
  moved: ReadonlyMap<StorePath, StorePath>,
): Promise<{ readonly path: StorePath; readonly ca: string }> {
  const { name, output, scratch } = made;
  const others = made.references.filter((reference) => reference !== scratch);
  const self = others.length < made.references.length;
  const digest = storePathHash(scratch);
  if (others.some((reference) => moved.has(reference))) await rewrite(task, name, moved);
  const { method, algorithm } = parseHashAlgo(output.hashAlgo);
  const hash = await hashOf(task, name, { method, algorithm, digest });
  const references = others.map((reference) => moved.get(reference) ?? reference);
  const path = makeContentPath({ name: outputPathName(task.drv.name, name), method, hash, references, self });
  if (self) await rewrite(task, name, new Map([[scratch, path]]));
  return { path, ca: contentAddress(method, hash) };
}

function hashOf(
  task: BuildTask,
  name: string,
  how: { readonly method: ContentMethod; readonly algorithm: HashAlgorithm; readonly digest: string },
): Promise<Hash> {
  const made = task.outputs.get(name) as string;
  const contents: ByteSource =
    how.method === "nar" ? dumpTree(byteStringFromText(made)) : createReadStream(made);
  return hashModulo(contents, how.digest, how.algorithm);
}

async function rewrite(
  task: BuildTask,
  name: string,
  moved: ReadonlyMap<StorePath, StorePath>,
): Promise<void> {
  const rewrites = new Map([...moved].map(([from, to]) => [storePathHash(from), storePathHash(to)]));
  const target = task.outputs.get(name) as string;
  const source = task.services.store.tempPath();
  renameSync(target, source);
  try {
    await copyRewritten({ source, target, rewrites, signal: task.signal });
  } finally {
    removeTree(byteStringFromText(source));
  }
}
