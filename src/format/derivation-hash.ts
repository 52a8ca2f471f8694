/**
 * Output paths of derivations: hashing "modulo" fixed outputs.
 *
 * An input-addressed output's path is a hash of its derivation. Two twists keep that useful:
 *
 * - A *fixed* output is known by its contents. Where it was fetched from must not change what is built with
 *   it, so for its users such a derivation collapses into one line:
 *   `fixed:out:<algorithm>:<base16>:<path>`.
 * - Hence in hashing any other derivation, the paths of its input derivations are replaced by their own
 *   hashes modulo, recursively, and so a new mirror's name at the bottom does not reach the top.
 *
 * A hash is *deferred* where something that the derivation rests on has a path that only building finds out: then the
 * paths that would follow from it are no one's. It still names the derivation, for remembering what was built of it.
 *
 * A derivation is hashed twice. To compute its output paths these cannot be in it yet, so they are *masked*:
 * empty in the outputs and in the environment variables of the same names. As an input of others it is hashed
 * with the paths in.
 */
import { CopseError } from "#base";
import { type Derivation, type DerivationOutput, formatDerivationWith } from "./derivation.ts";
import { derivationKind } from "./derivation-kind.ts";
import { formatHash, type Hash, type HashAlgorithm, hashBytes, isHashAlgorithm, parseHash } from "./hash.ts";
import { type ContentMethod, makeContentPath, makeOutputPath, type StorePath } from "./store-path.ts";

export interface OutputHashes {
  /** The hash modulo of each output. Only with several fixed outputs could they differ, and these do not exist. */
  readonly hashes: ReadonlyMap<string, Hash>;
  readonly isDeferred: boolean;
}

/** Answers with what `hashDerivationModulo` gave for an input derivation; the caller keeps these. */
export type InputHash = (drvPath: StorePath) => OutputHashes;

/**
 * The hash of a derivation as an input of others, or, with `maskOutputs`, the one that its own output paths
 * are made of. Throws CopseError `derivation-output-missing` for an input's output that does not exist.
 */
export function hashDerivationModulo(
  drv: Derivation,
  inputHash: InputHash,
  options: { readonly maskOutputs?: boolean } = {},
): OutputHashes {
  const fixed = fixedOutput(drv);
  const hashedWith = (hash: Hash) => new Map(Array.from(drv.outputs.keys(), (name) => [name, hash]));
  if (fixed) {
    const hash = hashBytes("sha256", `fixed:out:${fixed.hashAlgo}:${fixed.hash}:${fixed.path}`);
    return { hashes: hashedWith(hash), isDeferred: false };
  }
  const { inputs, isDeferred } = hashInputs(drv, inputHash);
  const hash = hashBytes("sha256", formatDerivationWith(drv, inputs, options.maskOutputs ?? false));
  return { hashes: hashedWith(hash), isDeferred: isDeferred || derivationKind(drv) === "floating" };
}

/**
 * Computes the output paths, and sets them in the outputs and in the environment variables of their names. Paths that
 * cannot be known stay "". Throws CopseError `derivation-kind`, `derivation-output-missing`.
 */
export function fillOutputPaths(drv: Derivation, inputHash: InputHash): Derivation {
  const fixed = fixedOutput(drv);
  if (fixed) return withOutputPaths(drv, () => fixedOutputPath(drv.name, fixed));
  if (derivationKind(drv) === "floating") return drv;
  // The variables of the outputs belong to what is hashed, also if the caller left them out.
  const unfilled = withOutputPaths(drv, () => "");
  const { hashes, isDeferred } = hashDerivationModulo(unfilled, inputHash, { maskOutputs: true });
  if (isDeferred) return unfilled;
  return withOutputPaths(drv, (output) =>
    makeOutputPath({ drvHash: hashes.get(output)!, output, name: drv.name }),
  );
}

/** The output of a fixed-output derivation: its only one, `out`, with a known hash. */
export function fixedOutput(drv: Derivation): DerivationOutput | undefined {
  const output = drv.outputs.size === 1 ? drv.outputs.get("out") : undefined;
  return output !== undefined && output.hash !== "" ? output : undefined;
}

function hashInputs(
  drv: Derivation,
  inputHash: InputHash,
): { readonly inputs: ReadonlyMap<string, readonly string[]>; readonly isDeferred: boolean } {
  const inputs = new Map<string, string[]>();
  let isDeferred = false;
  for (const [path, outputs] of drv.inputDrvs) {
    const { hashes, ...input } = inputHash(path);
    isDeferred ||= input.isDeferred;
    for (const output of outputs) {
      const hash = hashes.get(output);
      if (hash === undefined) {
        throw new CopseError("derivation-output-missing", `Derivation has no output ${output}: \`${path}\``);
      }
      // Two derivations that differ in their fixed inputs' origins only have one hash: one entry for both.
      const key = formatHash(hash, "base16");
      const names = inputs.get(key);
      if (names) names.push(output);
      else inputs.set(key, [output]);
    }
  }
  return { inputs, isDeferred };
}

function fixedOutputPath(drvName: string, output: DerivationOutput): StorePath {
  const { method, algorithm } = parseHashAlgo(output.hashAlgo);
  return makeContentPath({ name: drvName, method, hash: parseHash(output.hash, algorithm) });
}

/** What an output's `hashAlgo` says. Throws CopseError `derivation-unsupported`. */
export function parseHashAlgo(hashAlgo: string): {
  readonly method: ContentMethod;
  readonly algorithm: HashAlgorithm;
} {
  const [, prefix, algorithm] = /^(r:|text:|)(.*)$/s.exec(hashAlgo)!;
  if (!isHashAlgorithm(algorithm!)) {
    throw new CopseError("derivation-unsupported", `Unknown hash algorithm of an output: \`${hashAlgo}\``);
  }
  return { method: prefix === "r:" ? "nar" : prefix === "text:" ? "text" : "flat", algorithm };
}

function withOutputPaths(drv: Derivation, pathOf: (output: string) => StorePath | ""): Derivation {
  const outputs = new Map<string, DerivationOutput>();
  const env = new Map(drv.env);
  for (const [name, output] of drv.outputs) {
    const path = pathOf(name);
    outputs.set(name, { ...output, path });
    env.set(name, path);
  }
  return { ...drv, outputs, env };
}
