/**
 * The store: a directory of immutable paths and the database of those that are valid. This class is the face
 * of the folder; whatever is longer than a few lines stands in the folders beside it, the questions in queries.ts.
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
} from "#format";
import { addLargeTree, addTree, type TreeRequest } from "./add/add-tree.ts";
import { importNar } from "./add/import-nar.ts";
import { describeOutput, type OutputRequest, registerOutputs } from "./add/register-output.ts";
import {
  checkPath,
  type PathCheck,
  type VerifyOptions,
  type VerifyResult,
  verifyStore,
} from "./check/verify.ts";
import { checkedOutputs } from "./derivation-check.ts";
import { AutoCollector } from "./gc/auto-collect.ts";
import { type CollectOptions, type CollectResult, collectGarbage } from "./gc/collect.ts";
import { discard } from "./gc/discard.ts";
import { removeAbandonedTemporaries } from "./gc/leftovers.ts";
import { addIndirectRoot, addRoot, type RootOptions } from "./gc/make-roots.ts";
import { lockAmongOwn } from "./locks/own-lock.ts";
import { lockPaths, type PathLock } from "./locks/path-lock.ts";
import { type OptimiseOptions, type OptimiseResult, optimiseStore } from "./optimise/optimise.ts";
import type { PathInfo } from "./path-info.ts";
import { StoreQueries } from "./queries.ts";
import { exportPaths, importPaths } from "./transfer/export-stream.ts";
import { formatValidity } from "./transfer/validity-text.ts";
import { dumpTree, freshBuffer } from "./trees/dump-tree.ts";
import { removeTree } from "./trees/place-tree.ts";
import { replaceContents } from "./trees/replace-contents.ts";
import { TreeWorkers } from "./trees/tree-workers.ts";

export interface TextRequest {
  readonly name: string;
  readonly contents: ByteString | Uint8Array;
  readonly references: Iterable<StorePath>;
}

/** Made by `openStore`. */
export class Store extends StoreQueries implements AsyncDisposable {
  readonly #workers = new TreeWorkers();
  #isClosed = false;
  readonly #autoCollector = new AutoCollector(this.context);
  #isSwept = false;

  // --- adding, for the evaluator: nothing here waits for anything but the disk

  /** `builtins.toFile`. References must be valid or pending when it is flushed. */
  addText(request: TextRequest): StorePath {
    const { name, references } = request;
    const contents =
      typeof request.contents === "string"
        ? Buffer.from(request.contents, "latin1")
        : Buffer.from(request.contents);
    const path = makeTextPath({ name, hash: hashBytes("sha256", contents), references });
    this.pending.add({ kind: "text", path, contents, references: [...references] });
    return path;
  }

  /** A file tree, found by its contents. `source` is a real path, as bytes. */
  addTree(request: TreeRequest): StorePath {
    return addTree(this.context, request);
  }

  /** `path`, where the caller knows it, spares formatting a derivation that is valid already. */
  addDerivation(derivation: Derivation, path: StorePath = derivationPath(derivation)): StorePath {
    this.pending.add({ kind: "derivation", path, derivation });
    return path;
  }

  // --- adding, for everyone else

  /**
   * Makes paths valid whose files are in place, in one transaction. References must be valid or among them.
   * Throws CopseError `store-reference-invalid`, `store-cycle`.
   */
  registerPaths(infos: readonly PathInfo[]): void {
    this.flush();
    this.context.db.registerPaths(infos, (path) => checkedOutputs(path, (other) => this.realPath(other)));
  }

  /** See add/register-output.ts. The caller holds the lock on the final path. */
  async registerOutput(request: OutputRequest, signal?: AbortSignal): Promise<PathInfo> {
    return (await this.registerOutputs([request], signal))[0]!;
  }

  /** All outputs of one build, in one transaction. */
  registerOutputs(
    requests: readonly OutputRequest[],
    signal?: AbortSignal,
    check?: (infos: readonly PathInfo[]) => void,
  ): Promise<PathInfo[]> {
    this.flush();
    return registerOutputs(this.context, requests, { workers: this.#workers, signal, check });
  }

  /** Remembers what a derivation's outputs came to be, where floating ones are switched on. Of valid paths. */
  registerRealisations(drv: Derivation, outputs: ReadonlyMap<string, StorePath>): void {
    this.realisations.register(drv, outputs);
  }

  /** What registering an output would register: its metadata becomes canonical, nothing else changes. */
  describeOutput(request: OutputRequest, signal?: AbortSignal): Promise<PathInfo> {
    return describeOutput(this.context, request, { workers: this.#workers, signal });
  }

  /** Other files for a valid path, for repair. The caller holds the lock and knows that they are the right ones. */
  replaceContents(path: StorePath, madeRealPath: string): void {
    const real = this.context.realPath(path);
    replaceContents({ real, made: madeRealPath, aside: this.context.tempPath() });
  }

  /** See add/add-tree.ts: what `addTree` does, beside the main thread where the tree is large. */
  add(request: TreeRequest, signal?: AbortSignal): Promise<PathInfo> {
    this.flush();
    return addLargeTree(this.context, request, { workers: this.#workers, signal });
  }

  /** See transfer/export-stream.ts. Only these, dependencies first. Throws CopseError `store-path-not-valid`. */
  async *exportPaths(paths: readonly StorePath[], signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    for (const path of paths) this.requireInfo(path);
    this.addTempRoots(paths);
    const wanted = new Set(paths);
    const ordered = this.closure(paths).filter((path) => wanted.has(path));
    yield* exportPaths(
      this.context,
      ordered.map((path) => this.requireInfo(path)),
      signal,
    );
  }

  /** See transfer/export-stream.ts. Whether the stream can be trusted is the caller's matter. */
  importPaths(stream: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<StorePath[]> {
    this.flush();
    return importPaths(this.context, stream, { workers: this.#workers, signal });
  }

  /** See transfer/validity-text.ts; `registerValidity` reads it. Default: all paths. */
  *dumpDatabase(paths: readonly StorePath[] = this.allPaths()): Generator<string> {
    for (const path of paths) yield formatValidity(this.requireInfo(path));
  }

  /** See add/import-nar.ts. Takes the lock itself. */
  importNar(info: PathInfo, nar: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    this.flush();
    return importNar(this.context, info, { nar, signal });
  }

  /** Adds to a valid path's signatures; those it has stay. */
  addSignatures(path: StorePath, signatures: readonly string[]): void {
    this.flush();
    this.context.db.transaction(() => {
      const known = this.requireInfo(path).signatures ?? [];
      this.context.db.setSignatures(path, [...new Set([...known, ...signatures])].sort());
    });
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

  // --- checking

  /** See check/verify.ts. */
  async verify(options: VerifyOptions = {}): Promise<VerifyResult> {
    this.context.requireWritable();
    this.settle();
    return verifyStore(this.context, { ...options, workers: this.#workers });
  }

  /** Whether a valid path's files are those that were registered. Throws CopseError `store-path-not-valid`. */
  verifyPath(path: StorePath, signal?: AbortSignal): Promise<PathCheck> {
    return checkPath(this.context, this.requireInfo(path), { workers: this.#workers, signal });
  }

  /** See optimise/optimise.ts. */
  optimise(options: OptimiseOptions = {}): Promise<OptimiseResult> {
    this.flush();
    return optimiseStore(this.context, options);
  }

  // --- removing

  /** Makes a path invalid and removes its files, roots or not. Throws CopseError `store-path-in-use`. */
  deletePath(path: StorePath): void {
    this.flush();
    this.context.requireWritable();
    this.context.db.invalidate(path);
    discard(this.context, this.context.realPath(path));
  }

  /** See gc/collect.ts. */
  async collectGarbage(options: CollectOptions): Promise<CollectResult> {
    this.context.requireWritable();
    this.settle();
    return collectGarbage(this.context, options);
  }

  /** What a killed build has left is not kept until somebody collects garbage. */
  #sweepOnce(): void {
    if (this.#isSwept || this.context.place.readOnly) return;
    this.#isSwept = true;
    this.removeAbandonedTemporaries();
  }

  /** Removes unfinished files of processes that are gone. Returns what was removed. */
  removeAbandonedTemporaries(): string[] {
    return removeAbandonedTemporaries(this.context).map(({ path }) => path);
  }

  // --- keeping

  /**
   * Locks paths against other processes, and other callers in this one, until disposed of. Keeps them from collectors.
   * Who locks is going to build, so from the first time on `min-free` is looked after.
   */
  lock(paths: readonly StorePath[], signal?: AbortSignal): Promise<PathLock> {
    this.#sweepOnce();
    this.context.protect(...paths);
    this.#autoCollector.start();
    return lockPaths(
      paths.map((path) => this.context.realPath(path)),
      signal,
      this.context.lockStock,
    );
  }

  /** The same among copse's processes only, and without starting one: for what no other Nix builds. */
  lockAmongOwn(paths: readonly StorePath[], signal?: AbortSignal): Promise<Disposable> {
    this.context.protect(...paths);
    return lockAmongOwn(`${this.place.copseDir}/locks`, paths.map(storePathHash), signal);
  }

  /** A name where nothing is yet, on the store's own file system. Removed by `close` at the latest. */
  tempPath(): string {
    return this.context.tempPath();
  }

  /** Keeps paths under a name of copse's own, replacing what had that name. See gc/make-roots.ts. Returns the root. */
  addRoot(name: string, paths: StorePath | readonly StorePath[], options: RootOptions = {}): string {
    this.flush();
    this.context.requireWritable();
    const kept = typeof paths === "string" ? [paths] : paths;
    this.context.tempRoots.renew(kept);
    return addRoot(this.context, name, { ...options, paths: kept });
  }

  /** Makes a link such as `result` and keeps its path as long as the link is there. */
  addIndirectRoot(link: string, path: StorePath): void {
    this.flush();
    this.context.requireWritable();
    this.context.tempRoots.renew([path]);
    addIndirectRoot(this.context, link, path);
  }

  /**
   * Keeps paths as long as this process lives, also from a collector at work. Whether they are valid is to be asked
   * afterwards. Many at once cost as much as one.
   */
  addTempRoots(paths: Iterable<StorePath>): void {
    this.context.tempRoots.add(paths);
  }

  /** Writes what is pending and lets collectors begin: before this thread blocks for long. */
  settle(): void {
    this.flush();
    this.context.tempRoots.release();
  }

  /** Flushes, and gives back files and threads. Doing it again is no error. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.flush();
    } finally {
      await this.#autoCollector.stop();
      await this.#workers.close();
      this.context.tempRoots.close();
      this.context.removeTemporaries();
      this.context.db.close();
      if (this.place.isScratch) removeTree(byteStringFromText(this.place.prefix));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
