/** Hashes of files and trees as text: what `nix-hash` and `copse hash` print. */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { byteStringFromText, CopseError } from "#base";
import {
  createHasher,
  digestSizeBytes,
  formatHash,
  type Hash,
  type HashAlgorithm,
  type HashForm,
  nix32Length,
  parseHash,
} from "#format";
import { TreeWorkers } from "#store";
import type { CommandContext } from "../command.ts";
import { packTree } from "../trees/pack.ts";
import { allowedAlgorithm } from "./hash-options.ts";

export interface HashRequest {
  /** The bytes of a file, or the archive of a tree. */
  readonly mode: "flat" | "nar";
  readonly algorithm: HashAlgorithm;
  readonly form: HashForm;
  readonly truncate?: boolean;
  readonly context: Pick<CommandContext, "cwd" | "settings">;
}

/** A flat file may be a pipe: `<(command)`. Throws what reading throws. */
export async function hashPath(path: string, request: HashRequest): Promise<string> {
  const { mode, algorithm, form, truncate = false, context } = request;
  const hash =
    mode === "nar" ? await hashTree(path, algorithm, context) : await hashFile(path, algorithm, context);
  return formatHash(truncate ? truncated(hash) : hash, form);
}

async function hashTree(
  path: string,
  algorithm: HashAlgorithm,
  context: HashRequest["context"],
): Promise<Hash> {
  if (algorithm === "sha256" && !context.settings["use-case-hack"])
    return await hashBesideReading(path, context);
  const hasher = createHasher(algorithm);
  for (const chunk of packTree(path, context)) hasher.update(chunk);
  return hasher.digest();
}

/** As the store hashes: reading takes no time of its own, as another thread hashes. */
async function hashBesideReading(path: string, { cwd }: HashRequest["context"]): Promise<Hash> {
  const workers = new TreeWorkers(1);
  try {
    return (await workers.hashTree(byteStringFromText(resolve(cwd, path)))).narHash;
  } finally {
    await workers.close();
  }
}

async function hashFile(
  path: string,
  algorithm: HashAlgorithm,
  { cwd }: HashRequest["context"],
): Promise<Hash> {
  const hasher = createHasher(algorithm);
  for await (const chunk of createReadStream(resolve(cwd, path))) hasher.update(chunk as Buffer);
  return hasher.digest();
}

/** Throws CopseError `hash-invalid`, `hash-form` where the text is not in the form `from`. */
export function convertHash(
  text: string,
  request: {
    readonly to: HashForm;
    readonly algorithm?: HashAlgorithm | undefined;
    readonly from?: HashForm | undefined;
    readonly context: Pick<CommandContext, "settings">;
  },
): string {
  const { to, algorithm, from, context } = request;
  const hash = parseHash(text, algorithm);
  allowedAlgorithm(hash.algorithm, context);
  const form = formOf(text, hash.algorithm);
  if (from !== undefined && from !== form) {
    throw new CopseError(
      "hash-form",
      `input hash '${text}' has format '${form}', but '--from ${from}' was specified`,
    );
  }
  return formatHash(hash, to);
}

/** Folded by exclusive or to 160 bits, as the digests in store paths are. */
function truncated(hash: Hash): Hash {
  const size = 20;
  if (hash.digest.length <= size) return hash;
  const digest = new Uint8Array(size);
  hash.digest.forEach((byte, index) => {
    digest[index % size]! ^= byte;
  });
  return { ...hash, digest };
}

/** The form of a text that was read as a hash already. */
function formOf(text: string, algorithm: HashAlgorithm): HashForm {
  const colon = text.indexOf(":");
  if (colon < 0 && text.includes("-")) return "sri";
  const digits = text.length - colon - 1;
  const size = digestSizeBytes(algorithm);
  if (digits === size * 2) return "base16";
  return digits === nix32Length(size) ? "nix32" : "base64";
}
