/**
 * The evaluation cache of environments: what was asked for, and the environment that it came to. A request is everything
 * that a command line says about what to evaluate.
 */
import { existsSync } from "node:fs";
import type { Environment } from "./environment.ts";
import type { Read } from "./reads.ts";
import { Records } from "./records.ts";

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

export interface RecordStore {
  /** The environment, if the record's reads all still hold and its files are still there. */
  find(request: EnvironmentRequest): Environment | undefined;
  save(request: EnvironmentRequest, reads: readonly Read[], environment: Environment): void;
}

export function openRecordStore(options: {
  readonly cacheDir: string;
  readonly variable: (name: string) => string;
}): RecordStore {
  const records = new Records<EnvironmentRequest, Environment>({ ...options, kind: "environments" });
  return {
    find(request) {
      const environment = records.find(request);
      return environment?.requires.every((path) => existsSync(path)) ? environment : undefined;
    },
    save: (request, reads, environment) => records.save(request, reads, environment),
  };
}
