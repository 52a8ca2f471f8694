/**
 * Results of evaluations, kept with what the evaluation read: one small file per request. A result is found again while
 * every read would give the same, and the engine's own fingerprint is part of the request, so that a changed copse never
 * answers from an older one's record.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sourceFingerprint } from "./fingerprint.ts";
import { type Read, readsHold } from "./reads.ts";

interface KeptRecord<T> {
  readonly version: 2;
  readonly request: string;
  readonly reads: readonly Read[];
  readonly result: T;
}

export interface RecordsOptions {
  readonly cacheDir: string;
  /** What they are records of: the name of a folder in the cache. */
  readonly kind: string;
  readonly variable: (name: string) => string;
}

/** `Request` is everything that a command line says of what is to be evaluated, as JSON can write it. */
export class Records<Request, Result> {
  readonly #directory: string;
  readonly #variable: (name: string) => string;
  readonly #fingerprint = sourceFingerprint();

  constructor({ cacheDir, kind, variable }: RecordsOptions) {
    this.#directory = join(cacheDir, kind);
    this.#variable = variable;
  }

  find(request: Request): Result | undefined {
    const key = this.#key(request);
    const record = readRecord<Result>(this.#file(key));
    if (record?.request !== key || !readsHold(record.reads, this.#variable)) return undefined;
    return record.result;
  }

  save(request: Request, reads: readonly Read[], result: Result): void {
    const key = this.#key(request);
    const file = this.#file(key);
    const record: KeptRecord<Result> = { version: 2, request: key, reads, result };
    mkdirSync(this.#directory, { recursive: true });
    // Written aside and renamed: a reader sees a whole record or none.
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(record));
    renameSync(`${file}.${process.pid}`, file);
  }

  #key(request: Request): string {
    return JSON.stringify([this.#fingerprint, request]);
  }

  #file(key: string): string {
    return join(this.#directory, `${shortName(key)}.json`);
  }
}

/** Undefined for whatever is not a record of this version: the answer is then found by evaluating. */
function readRecord<T>(file: string): KeptRecord<T> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as KeptRecord<T>;
    return record.version === 2 ? record : undefined;
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
