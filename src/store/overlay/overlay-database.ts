/**
 * The database of a store over another one. The lower store is only read. What is asked about and is valid there is
 * *adopted* first, with all that it needs: it gets rows here, so that what is added here can refer to it, and the rest
 * of copse sees one database. `allPaths` names what is in this one, as in C++ Nix.
 */
import type { DatabaseSync } from "node:sqlite";
import type { StorePath } from "#format";
import { type OutputsOf, StoreDatabase } from "../db/database.ts";
import type { DrvOutput } from "../db/realisations.ts";
import type { PathInfo } from "../path-info.ts";

export class OverlayDatabase extends StoreDatabase {
  readonly lower: StoreDatabase;

  constructor(db: DatabaseSync, lower: StoreDatabase) {
    super(db);
    this.lower = lower;
  }

  override isValid(path: StorePath): boolean {
    return super.isValid(path) || this.#adopt([path]);
  }

  override queryInfo(path: StorePath): PathInfo | undefined {
    this.isValid(path);
    return super.queryInfo(path);
  }

  override queryInfos(paths: readonly StorePath[]): Map<StorePath, PathInfo> {
    this.#adopt(paths);
    return super.queryInfos(paths);
  }

  override queryReferrers(path: StorePath): StorePath[] {
    return union(super.queryReferrers(path), this.lower.queryReferrers(path));
  }

  /** Of this database alone: what refers to a path below does not keep it here. */
  override queryOwnReferrers(path: StorePath): StorePath[] {
    return super.queryReferrers(path);
  }

  override queryOutputs(drvPath: StorePath): ReadonlyMap<string, StorePath> {
    this.isValid(drvPath);
    return super.queryOutputs(drvPath);
  }

  override queryRealisation(drvOutput: DrvOutput): StorePath | undefined {
    const own = super.queryRealisation(drvOutput);
    if (own !== undefined || !this.lower.hasRealisations) return own;
    const below = this.lower.queryRealisation(drvOutput);
    return below !== undefined && this.isValid(below) ? below : undefined;
  }

  override queryDerivers(path: StorePath): StorePath[] {
    return union(super.queryDerivers(path), this.lower.queryDerivers(path));
  }

  override findByDigest(digest: string): StorePath | undefined {
    return super.findByDigest(digest) ?? this.lower.findByDigest(digest);
  }

  override validOf(paths: readonly StorePath[]): Set<StorePath> {
    this.#adopt(paths);
    return super.validOf(paths);
  }

  override closure(paths: readonly StorePath[]): StorePath[] {
    this.#adopt(paths);
    return super.closure(paths);
  }

  override referrersClosure(paths: readonly StorePath[]): StorePath[] {
    this.#adopt(this.lower.referrersClosure(paths));
    return super.referrersClosure(paths);
  }

  override registerPaths(infos: readonly PathInfo[], outputsOf: OutputsOf): void {
    this.#adopt(infos.flatMap((info) => [info.path, ...info.references]));
    super.registerPaths(infos, outputsOf);
  }

  override close(): void {
    super.close();
    this.lower.close();
  }

  /** Whether any was valid below and not here. */
  #adopt(paths: readonly StorePath[]): boolean {
    if (paths.length === 0) return false;
    const own = super.validOf(paths);
    const below = this.lower.validOf(paths.filter((path) => !own.has(path)));
    if (below.size === 0) return false;
    const needed = this.lower.closure([...below]);
    const known = super.validOf(needed);
    const infos = this.lower.queryInfos(needed.filter((path) => !known.has(path)));
    super.registerPaths([...infos.values()], (drvPath) => this.lower.queryOutputs(drvPath));
    return true;
  }
}

function union(a: readonly StorePath[], b: readonly StorePath[]): StorePath[] {
  return [...new Set([...a, ...b])].sort();
}
