/**
 * What is asked of the database, in SQL, and the prepared statements, which are made at first use and kept: preparing
 * takes longer than most questions.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StorePath } from "#format";

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
  infosOf: `select id, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from ValidPaths
    where path in (select value from json_each(?)) order by path`,
  referencesOf: `select r.referrer, v.path from Refs r join ValidPaths v on v.id = r.reference
    where r.referrer in (select value from json_each(?)) order by v.path`,
  setSignatures: "update ValidPaths set sigs = ? where path = ?",
  setFacts: "update ValidPaths set hash = ?, narSize = ? where path = ?",
  graphPaths: "select id, path, deriver from ValidPaths",
  graphReferences: "select referrer, reference from Refs",
  graphOutputs: "select drv, path from DerivationOutputs",
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

export type StatementName = keyof typeof SQL;
export type Row = Readonly<Record<string, string | number | null>>;

export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<StatementName, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  run(name: StatementName, ...args: (string | number | null)[]): number | bigint {
    return this.#statement(name).run(...args).lastInsertRowid;
  }

  get(name: StatementName, argument: string): Row | undefined {
    return this.#statement(name).get(argument) as Row | undefined;
  }

  all(name: StatementName, ...args: (string | number)[]): Row[] {
    return this.#statement(name).all(...args) as Row[];
  }

  paths(name: StatementName, ...args: (string | number)[]): StorePath[] {
    return this.all(name, ...args).map((row) => row["path"] as StorePath);
  }

  clear(): void {
    this.#prepared.clear();
  }

  #statement(name: StatementName): StatementSync {
    let statement = this.#prepared.get(name);
    if (statement === undefined) {
      statement = this.#db.prepare(SQL[name]);
      this.#prepared.set(name, statement);
    }
    return statement;
  }
}
