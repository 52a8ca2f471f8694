/**
 * Store paths: `/nix/store/<digest>-<name>`, and how they are computed.
 *
 * The digest is 20 bytes in Nix32, so 32 characters: SHA-256 of a one-line *fingerprint*, folded by xor.
 *
 *     <type>:sha256:<inner digest, base16>:/nix/store:<name>
 *
 * What type and inner digest are depends on where the contents come from:
 *
 * - `text`: a file written by evaluation (`builtins.toFile`, every .drv). The inner digest is the contents'.
 * - `source`: a file tree known by the SHA-256 of its NAR.
 * - `output:<name>`: an output of a derivation. The inner digest is the derivation's (see derivation.ts); or,
 *   for contents known by any other hash, that of the line `fixed:out:<r: if NAR><algorithm>:<base16>:`.
 *
 * References enter the type, sorted: `text:/nix/store/…-a:/nix/store/…-b`, and `:self` for a path that
 * mentions itself. The store's directory is part of the fingerprint, so a store elsewhere has other paths: see
 * store-dir. Below, `/nix/store` stands for it.
 */
import { CopseError } from "#base";
import { formatHash, type Hash, hashBytes } from "./hash.ts";
import { encodeNix32 } from "./nix32.ts";
import { STORE_DIR } from "./store-dir/mod.ts";
import { checkStoreBase, storeNameProblem } from "./store-name.ts";

declare const storePathBrand: unique symbol;

/** A whole, valid store path, `/nix/store/<digest>-<name>`, without a tail. */
export type StorePath = string & { readonly [storePathBrand]: true };

export { STORE_DIR };

const DIGEST_START = STORE_DIR.length + 1;
const DIGEST_LENGTH = 32;
const NAME_START = DIGEST_START + DIGEST_LENGTH + 1;

const DIGEST_PATTERN = /^[0-9a-df-np-sv-z]{32}$/;
const NOT_NIX32 = /[^0-9a-df-np-sv-z]/;

/** Throws CopseError `store-path-invalid`, or `store-path-name` where only the name is at fault. */
export function parseStorePath(text: string): StorePath {
  if (!text.startsWith(`${STORE_DIR}/`)) {
    throw new CopseError("store-path-invalid", `Path is not in the Nix store: \`${text}\``);
  }
  const digest = text.slice(DIGEST_START, DIGEST_START + DIGEST_LENGTH);
  const base = text.slice(DIGEST_START);
  const problem = baseProblem(base);
  if (problem !== undefined) {
    throw new CopseError("store-path-invalid", problem, {
      hint: `a store path is ${STORE_DIR}/<32 characters of Nix32>-<name>`,
    });
  }
  const name = text.slice(NAME_START);
  checkStoreBase(base, name);
  return storePathOfParts(digest, name);
}

/** What is wrong with what stands before the name. */
function baseProblem(base: string): string | undefined {
  if (base.length <= DIGEST_LENGTH) return `'${base}' is too short to be a valid store path`;
  if (base[DIGEST_LENGTH] !== "-")
    return `'${base}' can't name a store path because the hash part is not followed by a '-'`;
  const illegal = NOT_NIX32.exec(base.slice(0, DIGEST_LENGTH))?.[0];
  return illegal === undefined
    ? undefined
    : `store path '${base}' contains illegal base-32 character '${illegal}'`;
}

export function isStorePath(text: string): text is StorePath {
  return (
    text.startsWith(`${STORE_DIR}/`) &&
    text[NAME_START - 1] === "-" &&
    DIGEST_PATTERN.test(text.slice(DIGEST_START, NAME_START - 1)) &&
    storeNameProblem(text.slice(NAME_START)) === undefined
  );
}

/** The store path that a path is or lies in; `rest` is "" or begins with a slash. */
export function storePathOf(text: string): { readonly path: StorePath; readonly rest: string } | undefined {
  const slash = text.indexOf("/", DIGEST_START);
  const path = slash < 0 ? text : text.slice(0, slash);
  if (!isStorePath(path)) return undefined;
  return { path, rest: slash < 0 ? "" : text.slice(slash) };
}

/** The 32 characters. */
export function storePathHash(path: StorePath): string {
  return path.slice(DIGEST_START, NAME_START - 1);
}

export function storePathName(path: StorePath): string {
  return path.slice(NAME_START);
}

/** `<digest>-<name>`: the directory entry. */
export function storePathBase(path: StorePath): string {
  return path.slice(DIGEST_START);
}

/** The path of a directory entry `<digest>-<name>`. Throws as `parseStorePath` does. */
export function storePathFromBase(base: string): StorePath {
  return parseStorePath(`${STORE_DIR}/${base}`);
}

/** `hash` is the SHA-256 of the contents. */
export function makeTextPath(input: {
  readonly name: string;
  readonly hash: Hash;
  readonly references: Iterable<StorePath>;
}): StorePath {
  return makePath(typeWithReferences("text", input.references, false), input.hash, input.name);
}

/**
 * The path of contents known by their hash: of the one file's bytes (`flat`) or of the tree's NAR.
 * References are possible only with a SHA-256 of the NAR; otherwise throws CopseError `store-path-references`.
 */
export function makeFixedOutputPath(input: {
  readonly name: string;
  readonly method: "flat" | "nar";
  readonly hash: Hash;
  readonly references?: Iterable<StorePath>;
  readonly self?: boolean;
}): StorePath {
  const { name, method, hash, references = [], self = false } = input;
  if (method === "nar" && hash.algorithm === "sha256") {
    return makePath(typeWithReferences("source", references, self), hash, name);
  }
  if (self || [...references].length > 0) {
    throw new CopseError(
      "store-path-references",
      `fixed output derivation '${name}' is not allowed to refer to other store paths.\nYou may need to use the 'unsafeDiscardReferences' derivation attribute, see the manual for more details.`,
      { hint: "references need a SHA-256 of the NAR" },
    );
  }
  const ingestion = method === "nar" ? "r:" : "";
  const line = `fixed:out:${ingestion}${hash.algorithm}:${formatHash(hash, "base16")}:`;
  return makePath("output:out", hashBytes("sha256", line), name);
}

/** How contents are hashed that a path follows from: one file's bytes, the tree's NAR, or a text as evaluation writes it. */
export type ContentMethod = "flat" | "nar" | "text";

/** The path of contents by any of the methods. Throws CopseError `store-path-references`. */
export function makeContentPath(input: {
  readonly name: string;
  readonly method: ContentMethod;
  readonly hash: Hash;
  readonly references?: readonly StorePath[];
  readonly self?: boolean;
}): StorePath {
  const { name, method, hash, references = [], self = false } = input;
  if (method !== "text") return makeFixedOutputPath({ name, method, hash, references, self });
  if (!self) return makeTextPath({ name, hash, references });
  throw new CopseError("store-path-references", `text-hashed output '${name}' may not refer to itself`);
}

/** The path of an input-addressed output. `name` is the derivation's; the output's is added to it. */
export function makeOutputPath(input: {
  readonly drvHash: Hash;
  readonly output: string;
  readonly name: string;
}): StorePath {
  return makePath(`output:${input.output}`, input.drvHash, outputPathName(input.name, input.output));
}

/**
 * Where an output is made whose own path is not known yet, or is taken: a path that nothing else can have. `instead`
 * says of what, see `builders/program/redirection.ts`.
 */
export function makeScratchPath(input: {
  readonly drvPath: StorePath;
  readonly instead: string;
  readonly name: string;
}): StorePath {
  const nothing: Hash = { algorithm: "sha256", digest: new Uint8Array(32) };
  return makePath(`rewrite:${storePathBase(input.drvPath)}:${input.instead}`, nothing, input.name);
}

/** `hello` for the output `out`, `hello-dev` for `dev`. */
export function outputPathName(name: string, output: string): string {
  return output === "out" ? name : `${name}-${output}`;
}

function makePath(type: string, inner: Hash, name: string): StorePath {
  const fingerprint = `${type}:${inner.algorithm}:${formatHash(inner, "base16")}:${STORE_DIR}:${name}`;
  const digest = encodeNix32(foldDigest(hashBytes("sha256", fingerprint).digest, 20));
  checkStoreBase(`${digest}-${name}`, name);
  return storePathOfParts(digest, name);
}

function foldDigest(digest: Uint8Array, size: number): Uint8Array {
  const folded = new Uint8Array(size);
  for (let i = 0; i < digest.length; i++) folded[i % size]! ^= digest[i]!;
  return folded;
}

function typeWithReferences(type: string, references: Iterable<StorePath>, self: boolean): string {
  const sorted = [...new Set(references)].sort();
  return [type, ...sorted, ...(self ? ["self"] : [])].join(":");
}

function storePathOfParts(digest: string, name: string): StorePath {
  return `${STORE_DIR}/${digest}-${name}` as StorePath;
}
