/**
 * The table of valid paths. Everything is synchronous: the evaluator cannot wait, and a look-up takes
 * microseconds. A path is valid when it has a row; files without one are garbage, whatever they are. So a
 * killed process leaves garbage at worst, as rows appear in one transaction after their files are complete.
 *
 * Writers use `begin immediate`: a transaction that reads first and then writes could otherwise fail in WAL
 * mode when another writer came in between, which no busy timeout mends.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { CopseError } from "#base";
import { parseHash, STORE_DIR, type StorePath } from "#format";
import { dependenciesFirst } from "./dependency-order.ts";
import type { PathInfo } from "./path-info.ts";

const SQLITE_BUSY = 5;

const SQL = {
  isValid: "select 1 from ValidPaths where path = ?",
  id: "select id from ValidPaths where path = ?",
  info: "select id, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from ValidPaths where path = ?",
  insert:
    "insert into ValidPaths (path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca) values (?,?,?,?,?,?,?,?)",
  update: "update ValidPaths set hash = ?, narSize = ?, ultimate = ?, sigs = ?, ca = ? where id = ?",
  invalidate: "delete from ValidPaths where path = ?",
  addReference: "insert or replace into Refs (referrer, reference) values (?, ?)",
  references:
    "select v.path from Refs r join ValidPaths v on v.id = r.reference where r.referrer = ? order by v.path",
  referrers: `select v.path from Refs r join ValidPaths v on v.id = r.referrer
    where r.reference = (select id from ValidPaths where path = ?) order by v.path`,
  addOutput: "insert or replace into DerivationOutputs (drv, id, path) values (?, ?, ?)",
  outputs: `select o.id, o.path from DerivationOutputs o
    where o.drv = (select id from ValidPaths where path = ?) order by o.id`,
  derivers: `select v.path from DerivationOutputs o join ValidPaths v on v.id = o.drv
    where o.path = ? order by v.path`,
  withPrefix: "select path from ValidPaths where path >= ? order by path limit 1",
  allPaths: "select path from ValidPaths order by path",
  validOf: "select path from ValidPaths where path in (select value from json_each(?))",
  closure: `with recursive reached(id) as (
      select id from ValidPaths where path in (select value from json_each(?))
      union select r.reference from Refs r join reached on r.referrer = reached.id)
    select v.id, v.path from reached join ValidPaths v on v.id = reached.id`,
  closureEdges: `with recursive reached(id) as (
      select id from ValidPaths where path in (select value from json_each(?))
      union select r.reference from Refs r join reached on r.referrer = reached.id)
    select r.referrer, r.reference from reached join Refs r on r.referrer = reached.id`,
  referrersClosure: `with recursive reached(id) as (
      select id from ValidPaths where path in (select value from json_each(?))
      union select r.referrer from Refs r join reached on r.reference = reached.id)
    select v.path from reached join ValidPaths v on v.id = reached.id order by v.path`,
} as const;

type Row = Readonly<Record<string, string | number | null>>;

/** The known outputs of a .drv file that is about to become valid. */
export type OutputsOf = (drvPath: StorePath) => ReadonlyMap<string, StorePath>;

export class StoreDatabase {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #inTransaction = false;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  isValid(path: StorePath): boolean {
    return this.#get("isValid", path) !== undefined;
  }

  queryInfo(path: StorePath): PathInfo | undefined {
    const row = this.#get("info", path);
    if (row === undefined) return undefined;
    return {
      path,
      narHash: parseHash(String(row["hash"])),
      narSize: Number(row["narSize"] ?? 0),
      references: this.#paths("references", row["id"] as number),
      deriver: (row["deriver"] ?? undefined) as StorePath | undefined,
      registrationTime: Number(row["registrationTime"]),
      ca: row["ca"] ? String(row["ca"]) : undefined,
      ultimate: row["ultimate"] === 1,
      signatures: row["sigs"] ? String(row["sigs"]).split(" ").filter(Boolean) : [],
    };
  }

  queryReferrers(path: StorePath): StorePath[] {
    return this.#paths("referrers", path);
  }

  /** Output paths by name, of a valid derivation; empty for anything else. */
  queryOutputs(drvPath: StorePath): ReadonlyMap<string, StorePath> {
    const rows = this.#all("outputs", drvPath);
    return new Map(rows.map((row) => [String(row["id"]), row["path"] as StorePath]));
  }

  /** Valid derivations that have this path as an output. */
  queryDerivers(path: StorePath): StorePath[] {
    return this.#paths("derivers", path);
  }

  /** The valid path with this digest, of 32 characters. */
  findByDigest(digest: string): StorePath | undefined {
    const prefix = `${STORE_DIR}/${digest}-`;
    const path = this.#paths("withPrefix", prefix)[0];
    return path?.startsWith(prefix) ? path : undefined;
  }

  allPaths(): StorePath[] {
    return this.#paths("allPaths");
  }

  /** Those of `paths` that are valid. */
  validOf(paths: readonly StorePath[]): Set<StorePath> {
    return new Set(this.#paths("validOf", JSON.stringify(paths)));
  }

  /** Everything reachable by references, dependencies before dependents, otherwise in the order of paths. */
  closure(paths: readonly StorePath[]): StorePath[] {
    const seeds = JSON.stringify(paths);
    const names = new Map(this.#all("closure", seeds).map((row) => [row["id"], row["path"] as StorePath]));
    const edges = new Map<StorePath, StorePath[]>();
    for (const row of this.#all("closureEdges", seeds)) {
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
    return this.#paths("referrersClosure", JSON.stringify(paths));
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
      const others = this.queryReferrers(path).filter((referrer) => referrer !== path);
      if (others[0] !== undefined) {
        throw new CopseError(
          "store-path-in-use",
          `Path is still referred to by \`${others[0]}\`: \`${path}\``,
        );
      }
      this.#statement("invalidate").run(path);
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
      this.#db.exec("rollback");
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #upsert(info: PathInfo, outputsOf: OutputsOf): number {
    const hash = `sha256:${Buffer.from(info.narHash.digest).toString("hex")}`;
    const ultimate = info.ultimate ? 1 : null;
    const signatures = info.signatures?.length ? info.signatures.join(" ") : null;
    const ca = info.ca ?? null;
    const existing = this.#get("id", info.path);
    if (existing !== undefined) {
      const id = existing["id"] as number;
      this.#statement("update").run(hash, info.narSize, ultimate, signatures, ca, id);
      return id;
    }
    const { lastInsertRowid } = this.#statement("insert").run(
      info.path,
      hash,
      info.registrationTime,
      info.deriver ?? null,
      info.narSize,
      ultimate,
      signatures,
      ca,
    );
    const id = Number(lastInsertRowid);
    if (info.path.endsWith(".drv")) {
      for (const [name, path] of outputsOf(info.path)) this.#statement("addOutput").run(id, name, path);
    }
    return id;
  }

  #addReferences(info: PathInfo, ids: Map<StorePath, number>): void {
    const referrer = ids.get(info.path)!;
    for (const reference of info.references) {
      let id = ids.get(reference);
      if (id === undefined) {
        id = this.#get("id", reference)?.["id"] as number | undefined;
        if (id === undefined) {
          throw new CopseError(
            "store-reference-invalid",
            `Path refers to one that is not valid: \`${info.path}\` to \`${reference}\``,
          );
        }
        ids.set(reference, id);
      }
      this.#statement("addReference").run(referrer, id);
    }
  }

  #statement(name: keyof typeof SQL): StatementSync {
    let statement = this.#statements.get(name);
    if (statement === undefined) {
      statement = this.#db.prepare(SQL[name]);
      this.#statements.set(name, statement);
    }
    return statement;
  }

  #get(name: keyof typeof SQL, argument: string): Row | undefined {
    return this.#statement(name).get(argument) as Row | undefined;
  }

  #all(name: keyof typeof SQL, ...args: (string | number)[]): Row[] {
    return this.#statement(name).all(...args) as Row[];
  }

  #paths(name: keyof typeof SQL, ...args: (string | number)[]): StorePath[] {
    return this.#all(name, ...args).map((row) => row["path"] as StorePath);
  }

  #exec(sql: string): void {
    try {
      this.#db.exec(sql);
    } catch (error) {
      throw isBusy(error) ? busyError(error) : error;
    }
  }
}

export function isBusy(error: unknown): boolean {
  // The low byte is the primary code; extended ones such as SQLITE_BUSY_SNAPSHOT stand above it.
  return (((error as { errcode?: number }).errcode ?? 0) & 0xff) === SQLITE_BUSY;
}

export function busyError(cause: unknown): CopseError {
  return new CopseError("store-busy", "Another process holds the store's database", { cause });
}
