/**
 * How the outputs of a derivation come to their paths.
 *
 * - *input-addressed*: the path is a hash of the derivation, and stands in it.
 * - *deferred*: the same, but some input's path is not known yet, hence neither is the derivation's hash.
 * - *fixed*: the contents' hash is stated, and the path follows from it. One output, `out`.
 * - *floating*: the path follows from the contents, which only building finds out. How they are hashed is stated.
 */
import { CopseError } from "#base";
import type { Derivation, DerivationOutput } from "./derivation.ts";

export type DerivationKind = "input-addressed" | "deferred" | "fixed" | "floating";

/** Throws CopseError `derivation-kind` where a derivation has outputs of several kinds, or none. */
export function derivationKind({ name, outputs }: Derivation): DerivationKind {
  const [first, ...others] = outputs.values();
  if (first === undefined) throw mixed("must have at least one output", name);
  const kind = outputKind(first);
  if (others.some((output) => outputKind(output) !== kind))
    throw mixed("can't mix derivation output types", name);
  if (kind === "fixed") {
    if (others.length > 0) throw mixed("only one fixed output is allowed for now", name);
    if (!outputs.has("out")) throw mixed('single fixed output must be named "out"', name);
  }
  const algorithm = (output: DerivationOutput) => output.hashAlgo.replace(/^.*:/, "");
  if (others.some((output) => algorithm(output) !== algorithm(first)))
    throw mixed("all floating outputs must use the same hash algorithm", name);
  return kind;
}

function outputKind({ path, hashAlgo, hash }: DerivationOutput): DerivationKind {
  if (hashAlgo !== "") return hash === "" ? "floating" : "fixed";
  return path === "" ? "deferred" : "input-addressed";
}

/** Whether all paths are known before anything is built. */
export function hasKnownOutputPaths(drv: Derivation): boolean {
  const kind = derivationKind(drv);
  return kind === "input-addressed" || kind === "fixed";
}

function mixed(problem: string, name: string): CopseError {
  return new CopseError("derivation-kind", problem, { hint: `the derivation is ${name}` });
}
