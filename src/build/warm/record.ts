/**
 * The evaluation cache of environments: one small file per request, holding what the evaluation read and the
 * environment it came to. A request is everything that a command line says about what to evaluate; the
 * engine's own fingerprint is part of it, so a changed copse never answers from an older one's record.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./environment.ts";
import { sourceFingerprint } from "./fingerprint.ts";
import { type Read, readsHold } from "./reads.ts";

/** What to evaluate: everything that a command line says of it. */
export interface Target {
  /** Absolute; either this or `expr`. */
  readonly file?: string;
  readonly expr?: string;
  /** `a.b.c`, empty for the whole. */
  readonly attrPath: string;
  readonly args: readonly (
    | { readonly name: string; readonly expr: string }
    | { readonly name: string; readonly text: string }
  )[];
  /** Entries of `-I`, before those of `NIX_PATH`. */
  readonly searchPath: readonly string[];
  /** What relative paths in expressions are relative to, those of arguments included. */
  readonly baseDir: string;
  /** The folder whose lock an expression is answered from. */
  readonly project?: string;
  /** Functions that ask for `inNixShell` are told so. */
  readonly inNixShell?: boolean;
}

export interface EnvironmentRequest {
  readonly target: Target;
  readonly store: string;
  readonly system: string;
  readonly frozen: boolean;
  /** As evaluationKey gives them. */
  readonly settings: readonly unknown[];
  readonly options: EnvironmentOptions;
}

export interface EnvironmentOptions {
  /** Inputs whose derivation's path one of these matches are not made; regular expressions. */
  readonly exclude?: readonly string[];
  /** For a shell on the host: the bash of the package set, where the search path names another than copse's own. */
  readonly findBash?: boolean;
}

interface EnvironmentRecord {
  readonly version: 1;
  readonly request: string;
  readonly reads: readonly Read[];
  readonly environment: Environment;
}

export interface RecordStore {
  /** The environment, if the record's reads all still hold and its files are still there. */
  find(request: EnvironmentRequest): Environment | undefined;
  save(request: EnvironmentRequest, reads: readonly Read[], environment: Environment): void;
}

export function openRecordStore(options: {
  readonly cacheDir: string;
  readonly variable: (name: string) => string;
}): RecordStore {
  const dir = join(options.cacheDir, "environments");
  const fingerprint = sourceFingerprint();
  const keyOf = (request: EnvironmentRequest): string => JSON.stringify([fingerprint, request]);
  const fileOf = (key: string): string => join(dir, `${shortName(key)}.json`);
  return {
    find(request) {
      const key = keyOf(request);
      const record = readRecord(fileOf(key));
      if (record?.request !== key || !readsHold(record.reads, options.variable)) return undefined;
      return record.environment.requires.every((path) => existsSync(path)) ? record.environment : undefined;
    },
    save(request, reads, environment) {
      const key = keyOf(request);
      const file = fileOf(key);
      const record: EnvironmentRecord = { version: 1, request: key, reads, environment };
      mkdirSync(dir, { recursive: true });
      // Written aside and renamed: a reader sees a whole record or none.
      writeFileSync(`${file}.${process.pid}`, JSON.stringify(record));
      renameSync(`${file}.${process.pid}`, file);
    },
  };
}

/** Undefined for whatever is not a record of this version: the answer is then found by evaluating. */
function readRecord(file: string): EnvironmentRecord | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as EnvironmentRecord;
    return record.version === 1 ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * A file name for a key: FNV-1a, 64 bits. Two requests that shared one would only take turns in the file, as a record
 * says which request it is for; so it need not be a cryptographic hash, whose library takes a while to load.
 */
function shortName(key: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < key.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(key.charCodeAt(i))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}
