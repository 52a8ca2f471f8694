/**
 * The table of valid paths. Everything is synchronous: the evaluator cannot wait, and a look-up takes
 * microseconds. A path is valid when it has a row; files without one are garbage, whatever they are. So a
 * killed process leaves garbage at worst, as rows appear in one transaction after their files are complete.
 *
 * Writers use `begin immediate`: a transaction that reads first and then writes could otherwise fail in WAL
 * mode when another writer came in between, which no busy timeout mends.
 */
import type { DatabaseSync } from "node:sqlite";
import { CopseError } from "#base";
import { formatPrefixedHash, type Hash, parseHash, STORE_DIR, type StorePath } from "#format";
import type { PathInfo } from "../path-info.ts";
import { databaseError } from "./database-error.ts";
import { dependenciesFirst } from "./dependency-order.ts";
import { type DrvOutput, RealisationTable } from "./realisations.ts";
import { type Row, Statements } from "./statements.ts";

/** The known outputs of a .drv file that is about to become valid. */
export type OutputsOf = (drvPath: StorePath) => ReadonlyMap<string, StorePath>;

/** Valid paths by number, and the edges between them. */
export interface StoreGraph {
  readonly paths: readonly {
    readonly id: number;
    readonly path: StorePath;
    readonly deriver: StorePath | null;
  }[];
  readonly references: readonly { readonly referrer: number; readonly reference: number }[];
  readonly outputs: readonly { readonly drv: number; readonly path: StorePath }[];
}

export class StoreDatabase {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #realisations: RealisationTable;
  #inTransaction = false;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#statements = new Statements(db);
    this.#realisations = new RealisationTable(db);
  }

  isValid(path: StorePath): boolean {
    return this.#statements.get("isValid", path) !== undefined;
  }

  queryInfo(path: StorePath): PathInfo | undefined {
    const row = this.#statements.get("info", path);
    return row && infoOfRow(path, row, this.#statements.paths("references", row["id"] as number));
  }

  /** One question instead of many. Those that are not valid are left out. */
  queryInfos(paths: readonly StorePath[]): Map<StorePath, PathInfo> {
    const rows = this.#statements.all("infosOf", JSON.stringify(paths));
    const references = new Map<number, StorePath[]>(rows.map((row) => [row["id"] as number, []]));
    for (const row of this.#statements.all("referencesOf", JSON.stringify([...references.keys()]))) {
      references.get(row["referrer"] as number)!.push(row["path"] as StorePath);
    }
    return new Map(
      rows.map((row) => {
        const path = row["path"] as StorePath;
        return [path, infoOfRow(path, row, references.get(row["id"] as number)!)];
      }),
    );
  }

  /** All that deciding about life and death needs, in one look. */
  readGraph(): StoreGraph {
    return this.transaction(() => ({
      paths: this.#statements.all("graphPaths") as unknown as StoreGraph["paths"],
      references: this.#statements.all("graphReferences") as unknown as StoreGraph["references"],
      outputs: this.#statements.all("graphOutputs") as unknown as StoreGraph["outputs"],
    }));
  }

  setSignatures(path: StorePath, signatures: readonly string[]): void {
    this.#statements.run("setSignatures", signatures.join(" ") || null, path);
  }

  /** For paths that were registered by an old Nix, without them. */
  setFacts(path: StorePath, facts: { readonly narHash: Hash; readonly narSize: number }): void {
    this.#statements.run("setFacts", formatPrefixedHash(facts.narHash, "base16"), facts.narSize, path);
  }

  queryReferrers(path: StorePath): StorePath[] {
    return this.#statements.paths("referrers", path);
  }

  /** Those that keep a path from being removed. */
  queryOwnReferrers(path: StorePath): StorePath[] {
    return this.queryReferrers(path);
  }

  /** Output paths by name, of a valid derivation; empty for anything else. */
  queryOutputs(drvPath: StorePath): ReadonlyMap<string, StorePath> {
    const rows = this.#statements.all("outputs", drvPath);
    return new Map(rows.map((row) => [String(row["id"]), row["path"] as StorePath]));
  }

  get hasRealisations(): boolean {
    return this.#realisations.isThere;
  }

  queryRealisation(drvOutput: DrvOutput): StorePath | undefined {
    return this.#realisations.find(drvOutput);
  }

  /** Throws CopseError `realisation-conflict`. */
  registerRealisation(drvOutput: DrvOutput, path: StorePath): void {
    this.#realisations.add(drvOutput, path);
  }

  /** Valid derivations that have this path as an output. */
  queryDerivers(path: StorePath): StorePath[] {
    return this.#statements.paths("derivers", path);
  }

  /** The valid path with this digest, of 32 characters. */
  findByDigest(digest: string): StorePath | undefined {
    const prefix = `${STORE_DIR}/${digest}-`;
    const path = this.#statements.paths("withPrefix", prefix)[0];
    return path?.startsWith(prefix) ? path : undefined;
  }

  allPaths(): StorePath[] {
    return this.#statements.paths("allPaths");
  }

  /** Those of `paths` that are valid. */
  validOf(paths: readonly StorePath[]): Set<StorePath> {
    return new Set(this.#statements.paths("validOf", JSON.stringify(paths)));
  }

  /** Everything reachable by references, dependencies before dependents, otherwise in the order of paths. */
  closure(paths: readonly StorePath[]): StorePath[] {
    const seeds = JSON.stringify(paths);
    const names = new Map(
      this.#statements.all("closure", seeds).map((row) => [row["id"], row["path"] as StorePath]),
    );
    const edges = new Map<StorePath, StorePath[]>();
    for (const row of this.#statements.all("closureEdges", seeds)) {
      const from = names.get(row["referrer"] as number)!;
      const to = names.get(row["reference"] as number)!;
      const targets = edges.get(from);
      if (targets) targets.push(to);
      else edges.set(from, [to]);
    }
    return dependenciesFirst([...names.values()], (path) => edges.get(path) ?? []);
  }

  /** Everything from which one of `paths` can be reached, these included. */
  referrersClosure(paths: readonly StorePath[]): StorePath[] {
    return this.#statements.paths("referrersClosure", JSON.stringify(paths));
  }

  /**
   * Makes paths valid, all or none. References must be valid or among them. A path that is valid already keeps
   * its registration time and gets the new facts, as in C++ Nix. Throws CopseError `store-reference-invalid`,
   * `store-cycle`.
   */
  registerPaths(infos: readonly PathInfo[], outputsOf: OutputsOf): void {
    if (infos.length === 0) return;
    const references = new Map(infos.map((info) => [info.path, info.references]));
    // For its check: C++ Nix refuses references that go in a circle, and so do we.
    dependenciesFirst([...references.keys()], (path) => references.get(path)!);
    this.transaction(() => {
      const ids = new Map<StorePath, number>();
      for (const info of infos) ids.set(info.path, this.#upsert(info, outputsOf));
      for (const info of infos) this.#addReferences(info, ids);
    });
  }

  /** Throws CopseError `store-path-in-use` where another valid path refers to it. */
  invalidate(path: StorePath): void {
    this.transaction(() => {
      const others = this.queryOwnReferrers(path).filter((referrer) => referrer !== path);
      if (others[0] !== undefined) {
        throw new CopseError(
          "store-path-in-use",
          `Path is still referred to by \`${others[0]}\`: \`${path}\``,
        );
      }
      this.#statements.run("invalidate", path);
    });
  }

  transaction<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    this.#exec("begin immediate");
    this.#inTransaction = true;
    try {
      const result = work();
      this.#exec("commit");
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.#db.isTransaction) this.#db.exec("rollback");
      throw databaseError(error);
    } finally {
      this.#inTransaction = false;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#realisations.clear();
    this.#db.close();
  }

  #upsert(info: PathInfo, outputsOf: OutputsOf): number {
    const hash = formatPrefixedHash(info.narHash, "base16");
    const ultimate = info.ultimate ? 1 : null;
    const signatures = info.signatures?.length ? info.signatures.join(" ") : null;
    const ca = info.ca ?? null;
    const existing = this.#statements.get("id", info.path);
    if (existing !== undefined) {
      const id = existing["id"] as number;
      this.#statements.run("update", hash, info.narSize, ultimate, signatures, ca, id);
      return id;
    }
    const rowId = this.#statements.run(
      "insert",
      info.path,
      hash,
      info.registrationTime,
      info.deriver ?? null,
      info.narSize,
      ultimate,
      signatures,
      ca,
    );
    const id = Number(rowId);
    if (info.path.endsWith(".drv")) {
      for (const [name, path] of outputsOf(info.path)) this.#statements.run("addOutput", id, name, path);
    }
    return id;
  }

  #addReferences(info: PathInfo, ids: Map<StorePath, number>): void {
    const referrer = ids.get(info.path)!;
    for (const reference of info.references) {
      let id = ids.get(reference);
      if (id === undefined) {
        id = this.#statements.get("id", reference)?.["id"] as number | undefined;
        if (id === undefined) {
          throw new CopseError(
            "store-reference-invalid",
            `Path refers to one that is not valid: \`${info.path}\` to \`${reference}\``,
          );
        }
        ids.set(reference, id);
      }
      this.#statements.run("addReference", referrer, id);
    }
  }

  #exec(sql: string): void {
    try {
      this.#db.exec(sql);
    } catch (error) {
      throw databaseError(error);
    }
  }
}

function infoOfRow(path: StorePath, row: Row, references: readonly StorePath[]): PathInfo {
  return {
    path,
    narHash: parseHash(String(row["hash"])),
    narSize: Number(row["narSize"] ?? 0),
    references,
    deriver: (row["deriver"] ?? undefined) as StorePath | undefined,
    registrationTime: Number(row["registrationTime"]),
    ca: row["ca"] ? String(row["ca"]) : undefined,
    ultimate: row["ultimate"] === 1,
    signatures: row["sigs"] ? String(row["sigs"]).split(" ").filter(Boolean) : [],
  };
}
