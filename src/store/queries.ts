/**
 * What can be asked of a store. Everything but `isValid` sees what is pending written first (see add/pending.ts), so
 * that answers and files agree.
 */
import { lstatSync, readlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CopseError } from "#base";
import { type Derivation, STORE_DIR, type StorePath, storePathOf } from "#format";
import { PendingFiles } from "./add/pending.ts";
import { derivationOutputs, readDerivationFile } from "./derivation-file.ts";
import { readTempRoots } from "./gc/read-temp-roots.ts";
import { findRoots } from "./gc/roots.ts";
import { findRuntimeRoots } from "./gc/runtime-roots.ts";
import type { PathInfo } from "./path-info.ts";
import type { StorePlace } from "./place/store-place.ts";
import { Realisations } from "./realisations.ts";
import type { StoreContext } from "./store-context.ts";

/** More links than this lead round in a circle: the kernel's own limit. */
const MOST_LINKS = 40;

export class StoreQueries {
  readonly place: StorePlace;
  protected readonly context: StoreContext;
  protected readonly pending: PendingFiles;
  protected readonly realisations: Realisations;

  constructor(context: StoreContext) {
    this.place = context.place;
    this.context = context;
    this.pending = new PendingFiles(context);
    this.realisations = new Realisations(context, (path) => this.readDerivation(path));
  }

  isValid(path: StorePath): boolean {
    return this.pending.get(path) !== undefined || this.context.db.isValid(path);
  }

  /** Those of `paths` that are valid: one question instead of many. */
  validOf(paths: readonly StorePath[]): Set<StorePath> {
    this.flush();
    return this.context.db.validOf(paths);
  }

  queryInfo(path: StorePath): PathInfo | undefined {
    this.flush();
    return this.context.db.queryInfo(path);
  }

  /** Those that are not valid are left out. */
  queryInfos(paths: readonly StorePath[]): ReadonlyMap<StorePath, PathInfo> {
    this.flush();
    return this.context.db.queryInfos(paths);
  }

  /** Throws CopseError `store-path-not-valid`. */
  requireInfo(path: StorePath): PathInfo {
    const info = this.queryInfo(path);
    if (info === undefined) throw new CopseError("store-path-not-valid", `path '${path}' is not valid`);
    return info;
  }

  queryReferrers(path: StorePath): StorePath[] {
    this.flush();
    return this.context.db.queryReferrers(path);
  }

  /**
   * The known output paths of a valid derivation, by output name: those that it states, or those that were found out by
   * building it. Empty for any other path.
   */
  queryOutputs(drvPath: StorePath): ReadonlyMap<string, StorePath> {
    const pending = this.pending.get(drvPath);
    const stated =
      pending?.kind === "derivation"
        ? derivationOutputs(pending.derivation)
        : this.context.db.queryOutputs(drvPath);
    const isAll = stated.size > 0 || !this.realisations.isOn || !drvPath.endsWith(".drv");
    return isAll || !this.isValid(drvPath) ? stated : this.queryRealised(this.readDerivation(drvPath));
  }

  /** Outputs whose paths were found out by building, all of them valid. The derivation itself need not be valid. */
  queryRealised(drv: Derivation): ReadonlyMap<string, StorePath> {
    return this.realisations.outputsOf(drv);
  }

  /** Valid derivations that have this path as an output. */
  queryDerivers(path: StorePath): StorePath[] {
    this.flush();
    return this.context.db.queryDerivers(path);
  }

  /** All that these valid paths need, themselves included; dependencies come before dependents. */
  closure(paths: readonly StorePath[]): StorePath[] {
    this.flush();
    return this.context.db.closure(paths);
  }

  /** All valid paths that need one of these, themselves included. */
  referrersClosure(paths: readonly StorePath[]): StorePath[] {
    this.flush();
    return this.context.db.referrersClosure(paths);
  }

  /**
   * A closure that also follows derivations to their valid outputs, or outputs to the derivation that made them. In
   * the order of paths. Throws CopseError `store-path-not-valid` of a start.
   */
  closureWith(
    paths: readonly StorePath[],
    options: {
      readonly referrers?: boolean;
      readonly includeOutputs?: boolean;
      readonly includeDerivers?: boolean;
    },
  ): StorePath[] {
    this.flush();
    for (const path of paths) this.requireInfo(path);
    const { db } = this.context;
    const reached = new Set<StorePath>(paths);
    for (const path of reached) {
      const info = db.queryInfo(path)!;
      const next = options.referrers ? db.queryReferrers(path) : [...info.references];
      if (options.includeOutputs) next.push(...db.validOf([...db.queryOutputs(path).values()]));
      if (options.includeDerivers && info.deriver !== undefined) next.push(...db.validOf([info.deriver]));
      for (const each of next) reached.add(each);
    }
    return [...reached].sort();
  }

  /** The valid path with this digest, the 32 characters before the name: how binary caches ask. */
  findByDigest(digest: string): StorePath | undefined {
    this.flush();
    return this.context.db.findByDigest(digest);
  }

  allPaths(): StorePath[] {
    this.flush();
    return this.context.db.allPaths();
  }

  /** Throws CopseError `not-a-derivation`, `file-not-found`, `derivation-invalid`. */
  readDerivation(path: StorePath): Derivation {
    const pending = this.pending.get(path);
    if (pending?.kind === "derivation") return pending.derivation;
    return readDerivationFile(path, this.realPath(path));
  }

  /** Where a logical path, with or without a tail, really is. Other paths come back unchanged. */
  realPath(path: string): string {
    if (!path.startsWith(`${STORE_DIR}/`)) return path;
    const file = this.pending.isEmpty ? undefined : storePathOf(path);
    if (file !== undefined && this.pending.get(file.path) !== undefined) this.flush();
    return this.context.realPath(path);
  }

  /** What a real path in the store is called there. Other paths come back unchanged. */
  logicalPath(path: string): string {
    return this.context.logicalPath(path);
  }

  /**
   * The store path that a user's path means, which may be a real one, a logical one or a link such as `result`, and
   * the rest of it. Whether it is valid is not asked. Throws CopseError `store-path-invalid`.
   */
  followLinks(path: string): { readonly path: StorePath; readonly rest: string } {
    let at = resolve(path);
    for (let count = 0; count <= MOST_LINKS; count++) {
      const found = storePathOf(this.context.logicalPath(at));
      if (found !== undefined) return found;
      const target = readLink(at);
      if (target === undefined) break;
      at = resolve(dirname(at), target);
    }
    throw new CopseError("store-path-invalid", `path '${path}' is not in the Nix store`, {
      hint: `the store is ${this.place.storeDir}`,
    });
  }

  /**
   * What keeps paths alive: links, and with `runtime` what processes use, with `temporary` what they have asked for.
   * Named as Nix names them. Of valid paths only.
   */
  findRoots(
    options: { readonly runtime?: boolean; readonly temporary?: boolean } = {},
  ): ReadonlyMap<StorePath, readonly string[]> {
    this.flush();
    const all = new Map<StorePath, string[]>(findRoots(this.place));
    const add = (path: StorePath, names: Iterable<string>) =>
      all.set(path, [...(all.get(path) ?? []), ...names]);
    if (options.runtime) for (const [path, names] of findRuntimeRoots(this.place)) add(path, names);
    if (options.temporary) {
      for (const [path, names] of readTempRoots(this.place))
        add(
          path,
          names.map((name) => `{temp:${name}}`),
        );
    }
    const valid = this.context.db.validOf([...all.keys()]);
    return new Map([...all].filter(([path]) => valid.has(path)).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The roots because of which a path is alive, each with the path that it keeps. */
  rootsOf(path: StorePath): { readonly root: string; readonly path: StorePath }[] {
    this.flush();
    const needing = new Set(this.context.db.referrersClosure([path]));
    const roots = this.findRoots({ runtime: true, temporary: true });
    return [...roots].flatMap(([kept, names]) =>
      needing.has(kept) ? names.map((root) => ({ root, path: kept })) : [],
    );
  }

  /** The time that paths are registered with. */
  nowSeconds(): number {
    return this.context.nowSeconds();
  }

  /** Writes and registers what is pending, all of it or nothing. */
  flush(): void {
    if (!this.pending.isEmpty) this.pending.flush();
  }
}

function readLink(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
}
