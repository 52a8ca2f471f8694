/**
 * Verifying: what the database says is compared with what is on the disk. Paths whose files are gone are made invalid,
 * unless something that is there refers to them; with `checkContents` everything is hashed again, several paths at
 * once. What can be repaired is for the caller to say and to do: by building again, or from a substituter.
 *
 * Collectors are kept out meanwhile, as in C++ Nix: the collector's lock is shared, so builds go on.
 */
import { readdirSync, unlinkSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { byteStringFromText, isCopseError, mapConcurrently } from "#base";
import {
  formatHash,
  formatPrefixedHash,
  type Hash,
  hashesEqual,
  type StorePath,
  storePathBase,
} from "#format";
import { GcLock } from "../gc/gc-lock.ts";
import { tryLockDescriptor } from "../locks/flock.ts";
import type { PathInfo } from "../path-info.ts";
import type { StoreContext } from "../store-context.ts";
import type { TreeWorkers } from "../trees/tree-workers.ts";

const LOCK_PAUSE_MS = 100;

/** In Nix's words. A `problem` is what is wrong, a `message` what is being done. */
export interface VerifyEvent {
  readonly kind: "message" | "problem";
  readonly text: string;
}

export interface VerifyOptions {
  readonly checkContents?: boolean | undefined;
  /** Makes the files of a path be as registered. Whether it could. Says itself why not. */
  readonly repair?: ((path: StorePath) => Promise<boolean>) | undefined;
  readonly onEvent?: ((event: VerifyEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface VerifyResult {
  /** What is wrong and was not mended. Paths that only had to be forgotten do not count. */
  readonly errors: number;
}

export interface PathCheck {
  readonly isIntact: boolean;
  readonly expected: Hash;
  readonly actual: Hash;
}

export async function verifyStore(
  context: StoreContext,
  options: VerifyOptions & { readonly workers: TreeWorkers },
): Promise<VerifyResult> {
  const verifier = new Verifier(context, options);
  verifier.say("reading the Nix store...");
  using lock = new GcLock(context.place);
  // Tried for and not waited for: repairing may want temporary roots, and the collector may be this thread's own.
  while (!tryLockDescriptor(lock.fd, lock.file, "shared")) {
    await sleep(LOCK_PAUSE_MS, undefined, { ...(options.signal && { signal: options.signal }) });
  }
  const present = await verifier.checkExistence();
  if (options.checkContents) {
    await verifier.checkLinks();
    await verifier.checkContents(present);
  }
  return { errors: verifier.errors };
}

/** Whether a path's files are those that were registered. Files that are missing are not intact either. */
export async function checkPath(
  context: StoreContext,
  info: PathInfo,
  options: { readonly workers: TreeWorkers; readonly signal?: AbortSignal | undefined },
): Promise<PathCheck & { readonly narSize: number }> {
  const real = byteStringFromText(context.realPath(info.path));
  const { narHash: expected } = info;
  try {
    const { narHash: actual, narSize } = await options.workers.hashTree(real, { signal: options.signal });
    return { isIntact: hashesEqual(actual, expected) || isUnknown(expected), expected, actual, narSize };
  } catch (error) {
    if (!isCopseError(error, "file-not-found")) throw error;
    return {
      isIntact: false,
      expected,
      actual: { algorithm: "sha256", digest: new Uint8Array(32) },
      narSize: 0,
    };
  }
}

class Verifier {
  readonly #context: StoreContext;
  readonly #options: VerifyOptions & { readonly workers: TreeWorkers };
  errors = 0;

  constructor(context: StoreContext, options: VerifyOptions & { readonly workers: TreeWorkers }) {
    this.#context = context;
    this.#options = options;
  }

  say(text: string): void {
    this.#options.onEvent?.({ kind: "message", text });
  }

  /** The paths that are valid and there. */
  async checkExistence(): Promise<StorePath[]> {
    const { db, place } = this.#context;
    this.say("checking path existence...");
    const entries = new Set(readdirSync(place.realStoreDir));
    const all = db.allPaths();
    const missing = new Set(all.filter((path) => !entries.has(storePathBase(path))));
    for (const path of dependentsFirst(missing, (each) => db.queryReferrers(each))) {
      const referrers = db.queryReferrers(path).filter((referrer) => referrer !== path);
      if (referrers.length === 0) {
        this.say(`path '${path}' disappeared, removing from database...`);
        db.invalidate(path);
      } else {
        this.#problem(`path '${path}' disappeared, but it still has valid referrers!`);
        await this.#repair(path);
      }
    }
    return all.filter((path) => !missing.has(path));
  }

  /** Files in `.links` are named by their hash. One that is not what it says would spread what is wrong. */
  async checkLinks(): Promise<void> {
    this.say("checking link hashes...");
    const directory = `${this.#context.place.realStoreDir}/.links`;
    const { workers, signal } = this.#options;
    await this.#each(readdirSync(directory), async (name) => {
      const link = `${directory}/${name}`;
      const { narHash } = await workers.hashTree(byteStringFromText(link), { signal });
      const actual = formatHash(narHash, "nix32");
      if (actual === name) return;
      this.#problem(`link "${link}" was modified! expected hash ${name}, got '${actual}'`);
      if (this.#options.repair) {
        unlinkSync(link);
        this.say(`removed link "${link}"`);
      } else this.errors++;
    });
  }

  async checkContents(paths: readonly StorePath[]): Promise<void> {
    this.say("checking store hashes...");
    const { db } = this.#context;
    const { workers } = this.#options;
    await this.#each(paths, async (path, signal) => {
      const info = db.queryInfo(path);
      if (info === undefined) return;
      const { isIntact, actual, narSize } = await checkPath(this.#context, info, { workers, signal });
      if (isIntact) {
        if (isUnknown(info.narHash) || info.narSize === 0) db.setFacts(path, { narHash: actual, narSize });
        return;
      }
      const [expected, got] = [info.narHash, actual].map((hash) => formatPrefixedHash(hash, "nix32"));
      this.#problem(`path '${path}' was modified! expected hash '${expected}', got '${got}'`);
      await this.#repair(path);
    });
  }

  async #repair(path: StorePath): Promise<void> {
    if (!(await this.#options.repair?.(path))) this.errors++;
  }

  #problem(text: string): void {
    this.#options.onEvent?.({ kind: "problem", text });
  }

  #each<T>(items: readonly T[], work: (item: T, signal: AbortSignal) => Promise<void>): Promise<unknown> {
    const { signal } = this.#options;
    return mapConcurrently(items, { limit: availableParallelism() * 2, ...(signal && { signal }) }, work);
  }
}

/** Nix of long ago registered paths without their hash. */
function isUnknown(hash: Hash): boolean {
  return hash.digest.every((byte) => byte === 0);
}

/** Among `paths`, so that what refers comes before what is referred to. */
function dependentsFirst(
  paths: ReadonlySet<StorePath>,
  referrersOf: (path: StorePath) => readonly StorePath[],
): StorePath[] {
  const order = new Set<StorePath>();
  for (const start of paths) {
    const stack = [start];
    const open = new Set<StorePath>();
    for (let path = stack.at(-1); path !== undefined; path = stack.at(-1)) {
      const next = open.has(path)
        ? undefined
        : referrersOf(path).filter((each) => each !== path && paths.has(each) && !order.has(each));
      open.add(path);
      if (next !== undefined && next.length > 0) stack.push(...next);
      else order.add(stack.pop()!);
    }
  }
  return [...order];
}
