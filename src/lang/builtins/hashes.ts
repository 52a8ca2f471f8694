/** Hashes of strings and files, and their forms. Messages about malformed hashes are Nix's. */
import { CopseError, requireFeature } from "#base";
import {
  digestSizeBytes,
  formatHash,
  type Hash,
  type HashAlgorithm,
  type HashForm,
  hashBytes,
  isHashAlgorithm,
  outputPlaceholder,
  parseHash,
} from "#format";
import {
  type Evaluation,
  evalError,
  forceAttrs,
  forceStringNoContext,
  forceText,
  type Lazy,
  type Value,
} from "../runtime/mod.ts";
import { requireAttr } from "./attrsets.ts";
import { defineFunctions } from "./define.ts";
import { readablePath, readBytes } from "./realise.ts";

export function parseAlgorithm(evaluation: Evaluation, text: string): HashAlgorithm {
  if (isHashAlgorithm(text)) return allowedAlgorithm(evaluation, text);
  throw evalError(
    "invalid-value",
    `unknown hash algorithm '${text}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'`,
  );
}

function allowedAlgorithm({ settings }: Evaluation, algorithm: HashAlgorithm): HashAlgorithm {
  if (algorithm === "blake3") requireFeature(settings.experimentalFeatures, "blake3-hashes");
  return algorithm;
}

/** A hash in any of the forms, with Nix's messages. */
export function parseAnyHash(evaluation: Evaluation, text: string, algorithm?: HashAlgorithm): Hash {
  const named = /^([^:-]*)[:-]/.exec(text)?.[1] ?? "";
  if (isHashAlgorithm(named)) allowedAlgorithm(evaluation, named);
  try {
    return parseHash(text, algorithm);
  } catch (error) {
    if (!(error instanceof CopseError) || error.code !== "hash-invalid") throw error;
    throw evalError("invalid-value", hashProblem(text, algorithm) ?? error.message, { cause: error });
  }
}

function hashProblem(text: string, algorithm: HashAlgorithm | undefined): string | undefined {
  const [, named, rest] = /^([^:-]*)[:-](.*)$/s.exec(text) ?? [text, undefined, text];
  if (named !== undefined && !isHashAlgorithm(named)) {
    return `unknown hash algorithm '${named}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'`;
  }
  if (named !== undefined && algorithm !== undefined && named !== algorithm) {
    return `hash '${text}' should have type '${algorithm}'`;
  }
  const actual = named ?? algorithm;
  if (actual === undefined) {
    return `hash '${text}' does not include a type, nor is the type otherwise known from context`;
  }
  if (named !== undefined && text[named.length] === "-") {
    const length = Buffer.from(rest ?? "", "base64").length;
    return `invalid SRI hash '${rest}', length ${length} != expected length ${digestSizeBytes(actual)}`;
  }
  return `hash '${rest}' has wrong length for hash algorithm '${actual}'`;
}

/** As fixed outputs have it: an empty hash stands for zeros, so that a build can tell the true one. */
export function parseHashOrEmpty(
  evaluation: Evaluation,
  { text, algorithm }: { text: string; algorithm: HashAlgorithm | undefined },
): Hash {
  if (text !== "") return parseAnyHash(evaluation, text, algorithm);
  if (algorithm === undefined) {
    throw evalError("invalid-value", "empty hash requires explicit hash algorithm");
  }
  const hash: Hash = { algorithm, digest: new Uint8Array(digestSizeBytes(algorithm)) };
  evaluation.host.message("warning", `found empty hash, assuming '${formatHash(hash, "sri")}'`);
  return hash;
}

function parseForm(evaluation: Evaluation, text: string): HashForm {
  if (text === "base32") {
    evaluation.host.message("warning", '"base32" is a deprecated alias for hash format "nix32".');
    return "nix32";
  }
  if (text === "base16" || text === "nix32" || text === "base64" || text === "sri") return text;
  throw evalError(
    "invalid-value",
    `unknown hash format '${text}', expect 'base16', 'base32', 'base64', or 'sri'`,
  );
}

function hashString(evaluation: Evaluation, algorithm: Lazy, string: Lazy): Value {
  const kind = parseAlgorithm(evaluation, forceStringNoContext(algorithm));
  return formatHash(hashBytes(kind, forceText(string)), "base16");
}

function hashFile(evaluation: Evaluation, algorithm: Lazy, path: Lazy): Value {
  const kind = parseAlgorithm(evaluation, forceStringNoContext(algorithm));
  return formatHash(hashBytes(kind, readBytes(evaluation, readablePath(evaluation, path))), "base16");
}

function convertHash(evaluation: Evaluation, argument: Lazy): Value {
  const attrs = forceAttrs(argument);
  const hash = forceStringNoContext(requireAttr(attrs, "hash"));
  const algorithm = attrs.get("hashAlgo");
  const kind =
    algorithm === undefined ? undefined : parseAlgorithm(evaluation, forceStringNoContext(algorithm));
  const form = parseForm(evaluation, forceStringNoContext(requireAttr(attrs, "toHashFormat")));
  return formatHash(parseAnyHash(evaluation, hash, kind), form);
}

export const hashBuiltins = defineFunctions({
  hashString: {
    args: ["algorithm", "string"],
    doc: "The hash of a string in hexadecimal. Algorithms are md5, sha1, sha256 and sha512, and blake3 where that is switched on.",
    run: hashString,
  },
  hashFile: {
    args: ["algorithm", "path"],
    doc: "The hash of a file's contents in hexadecimal.",
    run: hashFile,
  },
  convertHash: {
    args: ["attrset"],
    doc: 'The hash `hash` written in the form `toHashFormat`: "base16", "nix32", "base64" or "sri". A hash that does not name its algorithm needs `hashAlgo`.',
    run: convertHash,
  },
  placeholder: {
    args: ["output"],
    doc: "What stands for the path of a derivation's own output until it is known.",
    plain: true,
    run: (_, output) => outputPlaceholder(forceStringNoContext(output)),
  },
});
