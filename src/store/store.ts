/**
 * The store: a directory of immutable paths and the database of those that are valid. This class is the face
 * of the folder; whatever is longer than a few lines stands in the files beside it.
 *
 * What evaluation adds as text (`builtins.toFile`, derivations) is *pending* at first and counts as valid for
 * this process. `flush` writes it in one transaction. Whatever lets others see it (a real path, a closure,
 * registering what may refer to it) flushes by itself.
 */
import { type ByteString, byteStringFromText } from "#base";
import {
  type Derivation,
  derivationPath,
  hashBytes,
  makeTextPath,
  type StorePath,
  storePathHash,
  storePathOf,
} from "#format";
import { type Clock, fileError, nodeClock } from "#host";
import { addTree, type TreeRequest } from "./add-tree.ts";
import { derivationOutputs, readDerivationFile } from "./derivation-file.ts";
import { dumpTree, freshBuffer } from "./dump-tree.ts";
import { importNar } from "./import-nar.ts";
import { createLayout, openDatabase } from "./open-database.ts";
import { lockAmongOwn } from "./own-lock.ts";
import type { PathInfo } from "./path-info.ts";
import { lockPaths, type PathLock } from "./path-lock.ts";
import { PendingFiles } from "./pending.ts";
import { isUsable, type StorePlace } from "./place.ts";
import { removeTree } from "./place-tree.ts";
import { type OutputRequest, registerOutputs } from "./register-output.ts";
import { addIndirectRoot, addRoot, findRoots } from "./roots.ts";
import { StoreContext } from "./store-context.ts";
import { TempRoots } from "./temp-roots.ts";
import { TreeWorkers } from "./tree-workers.ts";

export interface TextRequest {
  readonly name: string;
  readonly contents: ByteString | Uint8Array;
  readonly references: Iterable<StorePath>;
}

/** Opens the store at a place, making there what is missing. Throws CopseError `file-unreadable`, `store-schema`. */
export function openStore(place: StorePlace, options: { readonly clock?: Clock } = {}): Store {
  try {
    if (!isUsable(place)) createLayout(place);
    return new Store(new StoreContext(place, openDatabase(place), options.clock ?? nodeClock));
  } catch (error) {
    throw fileError(error, (error as NodeJS.ErrnoException).path ?? place.realStoreDir);
  }
}

export class Store implements AsyncDisposable {
  readonly place: StorePlace;
  readonly #context: StoreContext;
  readonly #pending: PendingFiles;
  readonly #tempRoots: TempRoots;
  readonly #workers = new TreeWorkers();

  /** Use `openStore`. */
  constructor(context: StoreContext) {
    this.place = context.place;
    this.#context = context;
    this.#pending = new PendingFiles(context);
    this.#tempRoots = new TempRoots(context.place);
  }

  // --- asking

  isValid(path: StorePath): boolean {
    return this.#pending.get(path) !== undefined || this.#context.db.isValid(path);
  }

  /** Those of `paths` that are valid: one question instead of many. */
  validOf(paths: readonly StorePath[]): Set<StorePath> {
    this.flush();
    return this.#context.db.validOf(paths);
  }

  queryInfo(path: StorePath): PathInfo | undefined {
    this.flush();
    return this.#context.db.queryInfo(path);
  }

  queryReferrers(path: StorePath): StorePath[] {
    this.flush();
    return this.#context.db.queryReferrers(path);
  }

  /** The known output paths of a valid derivation, by output name. Empty for any other path. */
  queryOutputs(drvPath: StorePath): ReadonlyMap<string, StorePath> {
    const pending = this.#pending.get(drvPath);
    if (pending?.kind === "derivation") return derivationOutputs(pending.derivation);
    return this.#context.db.queryOutputs(drvPath);
  }

  /** Valid derivations that have this path as an output. */
  queryDerivers(path: StorePath): StorePath[] {
    this.flush();
    return this.#context.db.queryDerivers(path);
  }

  /** All that these valid paths need, themselves included; dependencies come before dependents. */
  closure(paths: readonly StorePath[]): StorePath[] {
    this.flush();
    return this.#context.db.closure(paths);
  }

  /** All valid paths that need one of these, themselves included. */
  referrersClosure(paths: readonly StorePath[]): StorePath[] {
    this.flush();
    return this.#context.db.referrersClosure(paths);
  }

  /** The valid path with this digest, the 32 characters before the name: how binary caches ask. */
  findByDigest(digest: string): StorePath | undefined {
    this.flush();
    return this.#context.db.findByDigest(digest);
  }

  allPaths(): StorePath[] {
    this.flush();
    return this.#context.db.allPaths();
  }

  /** Where a logical path, with or without a tail, really is. Other paths come back unchanged. */
  realPath(path: string): string {
    if (!path.startsWith(`${this.place.storeDir}/`)) return path;
    const file = this.#pending.isEmpty ? undefined : storePathOf(path);
    if (file !== undefined && this.#pending.get(file.path) !== undefined) this.flush();
    return this.#context.realPath(path);
  }

  // --- adding, for the evaluator: nothing here waits for anything but the disk

  /** `builtins.toFile`. References must be valid or pending when it is flushed. */
  addText(request: TextRequest): StorePath {
    const { name, references } = request;
    const contents =
      typeof request.contents === "string"
        ? Buffer.from(request.contents, "latin1")
        : Buffer.from(request.contents);
    const path = makeTextPath({ name, hash: hashBytes("sha256", contents), references });
    this.#pending.add({ kind: "text", path, contents, references: [...references] });
    return path;
  }

  /** A file tree, found by its contents. `source` is a real path, as bytes. */
  addTree(request: TreeRequest): StorePath {
    return addTree(this.#context, request);
  }

  /** `path`, where the caller knows it, spares formatting a derivation that is valid already. */
  addDerivation(derivation: Derivation, path: StorePath = derivationPath(derivation)): StorePath {
    this.#pending.add({ kind: "derivation", path, derivation });
    return path;
  }

  /** Throws CopseError `not-a-derivation`, `file-not-found`, `derivation-invalid`. */
  readDerivation(path: StorePath): Derivation {
    const pending = this.#pending.get(path);
    if (pending?.kind === "derivation") return pending.derivation;
    return readDerivationFile(path, this.realPath(path));
  }

  /** Writes and registers what is pending, all of it or nothing. */
  flush(): void {
    if (!this.#pending.isEmpty) this.#pending.flush();
  }

  // --- adding, for everyone else

  /**
   * Makes paths valid whose files are in place, in one transaction. References must be valid or among them.
   * Throws CopseError `store-reference-invalid`, `store-cycle`.
   */
  registerPaths(infos: readonly PathInfo[]): void {
    this.flush();
    this.#context.db.registerPaths(infos, (path) => derivationOutputs(this.readDerivation(path)));
  }

  /** See register-output.ts. The caller holds the lock on the final path. */
  async registerOutput(request: OutputRequest, signal?: AbortSignal): Promise<PathInfo> {
    return (await this.registerOutputs([request], signal))[0]!;
  }

  /** All outputs of one build, in one transaction. */
  registerOutputs(requests: readonly OutputRequest[], signal?: AbortSignal): Promise<PathInfo[]> {
    this.flush();
    return registerOutputs(this.#context, requests, { workers: this.#workers, signal });
  }

  /** See import-nar.ts. Takes the lock itself. */
  importNar(info: PathInfo, nar: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    this.flush();
    return importNar(this.#context, info, { nar, signal });
  }

  /** The NAR of a valid path, or of something in it. */
  async *dumpNar(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    for (const chunk of dumpTree(byteStringFromText(this.realPath(path)), { nextBuffer: freshBuffer })) {
      signal?.throwIfAborted();
      yield chunk;
    }
  }

  /**
   * NAR hash, size and references of a tree anywhere, beside the main thread where it is large.
   * `path` is a logical store path or a real path.
   */
  hashTree(path: string, candidates: Iterable<StorePath> = [], signal?: AbortSignal) {
    return this.#workers.hashTree(byteStringFromText(this.realPath(path)), { candidates, signal });
  }

  /** Makes a path invalid and removes its files. Throws CopseError `store-path-in-use`. */
  deletePath(path: StorePath): void {
    this.flush();
    this.#context.db.invalidate(path);
    removeTree(byteStringFromText(this.#context.realPath(path)));
  }

  /** Removes unfinished files of processes that are gone. Returns what was removed. */
  removeAbandonedTemporaries(): string[] {
    return this.#context.removeAbandonedTemporaries();
  }

  // --- keeping

  /** Locks paths against other processes, and other callers in this one, until disposed of. */
  lock(paths: readonly StorePath[], signal?: AbortSignal): Promise<PathLock> {
    return lockPaths(
      paths.map((path) => this.#context.realPath(path)),
      signal,
    );
  }

  /** The same among copse's processes only, and without starting one: for what no other Nix builds. */
  lockAmongOwn(paths: readonly StorePath[], signal?: AbortSignal): Promise<Disposable> {
    return lockAmongOwn(`${this.place.copseDir}/locks`, paths.map(storePathHash), signal);
  }

  /** A name where nothing is yet, on the store's own file system. Removed by `close` at the latest. */
  tempPath(): string {
    return this.#context.tempPath();
  }

  /** Keeps a path under a name of copse's own, replacing what had that name. Returns the link. */
  addRoot(name: string, path: StorePath): string {
    this.flush();
    return addRoot(this.#context, name, path);
  }

  /** Makes a link such as `result` and keeps its path as long as the link is there. */
  addIndirectRoot(link: string, path: StorePath): void {
    this.flush();
    addIndirectRoot(this.#context, link, path);
  }

  /** Keeps paths as long as this process lives. */
  addTempRoots(paths: Iterable<StorePath>): void {
    this.#tempRoots.add(paths);
  }

  findRoots(): ReadonlyMap<StorePath, readonly string[]> {
    return findRoots(this.place);
  }

  /** Flushes, and gives back files and threads. */
  async close(): Promise<void> {
    try {
      this.flush();
    } finally {
      await this.#workers.close();
      this.#tempRoots.close();
      this.#context.removeTemporaries();
      this.#context.db.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
