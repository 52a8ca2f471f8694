/**
 * Collecting garbage: what no root reaches is deleted. The order makes it safe to be killed at any moment and to run
 * beside builds of this and other Nix programs:
 *
 * 1. Take the collector's lock, listen for new temporary roots (gc-lock.ts), then read all roots.
 * 2. Work out what is dead from one look at the database. A temporary root that arrives later is alive with all it
 *    reaches from the moment it is acknowledged.
 * 3. For each dead path, referrers first: make it invalid, move it into the directory of unfinished files, remove it
 *    there. Killed in between, this leaves a file that is not valid, or one in a directory that nobody has locked:
 *    both are garbage to the next collection, here and in C++ Nix.
 * 4. What lies in the store and is not valid goes too, unless a temporary root names its digest: it may be a build
 *    under way, its lock or its chroot.
 */
import { readdirSync } from "node:fs";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { CopseError } from "#base";
import { isStorePath, type StorePath, storePathHash } from "#format";
import { tryLockDescriptor } from "../locks/flock.ts";
import type { StoreContext } from "../store-context.ts";
import { collectorSyncPoint } from "./collector-sync-point.ts";
import { discard } from "./discard.ts";
import { GcLock, gcSocketPath } from "./gc-lock.ts";
import { removeLeftovers } from "./leftovers.ts";
import { Liveness } from "./liveness.ts";
import { readTempRoots } from "./read-temp-roots.ts";
import { findRoots, removeStaleRoots } from "./roots.ts";
import { announceCollection } from "./running.ts";
import { findRuntimeRoots } from "./runtime-roots.ts";
import { listenForRoots } from "./socket-server.ts";

const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 250;

export type CollectAction = "delete-dead" | "return-dead" | "return-live" | "delete-specific";

/** `message` is in Nix's words. `deleting` names a logical path, of the store or of garbage in its directory. */
export type CollectEvent =
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "deleting"; readonly path: string };

export interface CollectOptions {
  readonly action: CollectAction;
  /** Only these may be deleted. Must be given for `delete-specific`, may be for `delete-dead`. */
  readonly paths?: readonly StorePath[] | undefined;
  /** Of paths that are given: their referrers too, as far as they are dead. */
  readonly deleteReferrers?: boolean | undefined;
  /** Of paths that are given: those that are alive are left, instead of failing before anything is deleted. */
  readonly skipAlive?: boolean | undefined;
  /** Take nothing but temporary roots for roots. */
  readonly ignoreLiveness?: boolean | undefined;
  /** Stop once as much was freed. */
  readonly maxFreedBytes?: number | undefined;
  /** Say what would be deleted. */
  readonly dryRun?: boolean | undefined;
  readonly onEvent?: ((event: CollectEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CollectResult {
  /** What was deleted, or with `return-…` what is dead or alive. Logical paths, in byte order. */
  readonly paths: readonly string[];
  readonly bytesFreed: number;
  readonly isLimitReached: boolean;
}

/** Throws CopseError `store-path-alive` where a path that must be deleted cannot be. */
export async function collectGarbage(context: StoreContext, options: CollectOptions): Promise<CollectResult> {
  if (options.maxFreedBytes === 0 || options.paths?.length === 0) {
    return { paths: [], bytesFreed: 0, isLimitReached: false };
  }
  const { place } = context;
  const { signal } = options;
  const say = (text: string) => options.onEvent?.({ kind: "message", text });
  // Otherwise a full disk could not be cleared: see ../db/open-database.ts.
  if (isDeleting(options)) context.freeReserve();
  try {
    using lock = new GcLock(place);
    // From the moment at which the lock is held, this thread's own temporary roots must find the collection announced:
    // so it is tried for, not waited for in the kernel, and nothing may run between the two.
    for (let waitMs = FIRST_WAIT_MS; !tryLockDescriptor(lock.fd, lock.file); waitMs *= 2) {
      if (waitMs === FIRST_WAIT_MS) say("waiting for the big garbage collector lock...");
      await sleep(Math.min(waitMs, LONGEST_WAIT_MS), undefined, { ...(signal && { signal }) });
    }
    const collection = new Collection(context, options);
    using _running = announceCollection(place.stateDir, collection);
    await collectorSyncPoint("before listening");
    await using _ear = await listenForRoots(gcSocketPath(place), (path) => collection.keep(path));
    say("finding garbage collector roots...");
    collection.readRoots();
    await collectorSyncPoint("roots are read");
    return await collection.run();
  } finally {
    context.restoreReserve();
  }
}

function isDeleting({ action, dryRun }: CollectOptions): boolean {
  return !dryRun && (action === "delete-dead" || action === "delete-specific");
}

class Collection {
  readonly #context: StoreContext;
  readonly #options: CollectOptions;
  readonly #liveness: Liveness;
  /** By digest, so that the lock and the chroot of a path are kept with it. */
  readonly #tempDigests = new Set<string>();
  readonly #done = new Set<string>();
  #bytesFreed = 0;

  constructor(context: StoreContext, options: CollectOptions) {
    this.#context = context;
    this.#options = options;
    const isWhole = options.paths === undefined && !options.ignoreLiveness;
    this.#liveness = new Liveness(context.db.readGraph(), {
      keepOutputs: isWhole && context.settings["keep-outputs"],
      keepDerivations: isWhole && context.settings["keep-derivations"],
    });
  }

  /** A temporary root that is new. A path that became valid after the graph was read brings its closure with it. */
  keep(path: StorePath): void {
    this.#tempDigests.add(storePathHash(path));
    this.#liveness.markAlive(path);
    if (this.#liveness.isKnown(path) || !this.#context.db.isValid(path)) return;
    for (const needed of this.#context.db.closure([path])) this.#liveness.markAlive(needed);
  }

  /** Temporary ones first: a process that ends in between has made its links before it gave its file up. */
  readRoots(): void {
    const { place } = this.#context;
    for (const path of readTempRoots(place).keys()) this.keep(path);
    if (!this.#options.ignoreLiveness) {
      if (isDeleting(this.#options)) {
        removeStaleRoots(place, (text) => this.#options.onEvent?.({ kind: "message", text }));
      }
      for (const path of findRoots(place).keys()) this.#liveness.markAlive(path);
      for (const path of findRuntimeRoots(place).keys()) this.#liveness.markAlive(path);
    }
  }

  async run(): Promise<CollectResult> {
    const { action, paths } = this.#options;
    if (action === "return-live") return this.#result([...this.#liveness.alive]);
    const garbage = paths === undefined ? this.#allGarbage() : this.#garbageAmong(paths);
    if (!isDeleting(this.#options)) return this.#result(garbage);
    this.#say(paths === undefined ? "deleting garbage..." : "deleting specified paths...");
    for (const path of garbage) {
      this.#options.signal?.throwIfAborted();
      this.#delete(path);
      if (this.#bytesFreed > (this.#options.maxFreedBytes ?? Number.POSITIVE_INFINITY)) {
        this.#say(`deleted more than ${this.#options.maxFreedBytes} bytes; stopping`);
        return this.#finish(true);
      }
      // Now those who have a new root are heard.
      await nextTurn();
    }
    return this.#finish(false);
  }

  #finish(isLimitReached: boolean): CollectResult {
    this.#context.overlay?.remountWhereNeeded((text) => this.#say(text));
    this.#bytesFreed += removeLeftovers(this.#context, {
      isWhole: this.#options.paths === undefined && !isLimitReached,
      say: (text) => this.#say(text),
    });
    return { ...this.#result([...this.#done]), isLimitReached };
  }

  #result(paths: readonly string[]): CollectResult {
    return { paths: [...paths].sort(), bytesFreed: this.#bytesFreed, isLimitReached: false };
  }

  /** Dead paths in the order in which they can be deleted, then what lies in the store's directory besides. */
  #allGarbage(): string[] {
    return [...this.#liveness.dead(), ...this.#strangers()];
  }

  #strangers(): string[] {
    const { place } = this.#context;
    const found: string[] = [];
    for (const name of readdirSync(place.realStoreDir).sort()) {
      // Directories of unfinished files are looked at apart: whether they are locked says whether they are garbage.
      if (name === ".links" || name.startsWith("tmp-")) continue;
      const path = `${place.storeDir}/${name}`;
      if (isStorePath(path)) {
        if (this.#context.overlay?.hasBelow(path)) continue;
        if (!this.#liveness.isKnown(path) && !this.#tempDigests.has(storePathHash(path))) found.push(path);
      } else if (isDeleting(this.#options)) found.push(path);
    }
    return found;
  }

  #garbageAmong(paths: readonly StorePath[]): StorePath[] {
    const allowed = new Set(paths);
    const { deleteReferrers, skipAlive, action } = this.#options;
    const garbage = new Set<StorePath>();
    for (const path of paths) {
      const closure = this.#liveness.referrersClosure(path);
      const isDead = [...closure].every(
        (each) => !this.#isKept(each) && (deleteReferrers || allowed.has(each)),
      );
      if (isDead) for (const each of closure) garbage.add(each);
      else if (action === "delete-specific" && !skipAlive) throw aliveError(path);
    }
    return this.#liveness.deletionOrder([...garbage]);
  }

  #isKept(path: StorePath): boolean {
    return this.#liveness.isAlive(path) || this.#tempDigests.has(storePathHash(path));
  }

  // Synchronous from the last look at the roots to the moment at which the path is out of sight, so that no root can
  // come in between.
  #delete(path: string): void {
    const { db, place } = this.#context;
    if (isStorePath(path)) {
      if (this.#isKept(path)) return;
      if (this.#liveness.isKnown(path)) {
        // Somebody who has another idea of roots may have registered a path that refers to this one.
        if (db.queryOwnReferrers(path).some((referrer) => referrer !== path)) return;
        db.invalidate(path);
      } else if (db.isValid(path)) return;
    }
    this.#options.onEvent?.({ kind: "deleting", path });
    const name = path.slice(place.storeDir.length + 1);
    this.#bytesFreed += discard(this.#context, `${place.realStoreDir}/${name}`);
    this.#done.add(path);
  }

  #say(text: string): void {
    this.#options.onEvent?.({ kind: "message", text });
  }
}

function aliveError(path: StorePath): CopseError {
  return new CopseError(
    "store-path-alive",
    `Cannot delete path '${path}' since it is still alive. To find out why, use: nix-store --query --roots and nix-store --query --referrers`,
  );
}
