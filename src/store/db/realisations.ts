/**
 * Realisations: which path an output came to have that was not known before it was built. The table is C++ Nix's, and is
 * there only where floating outputs have been switched on. Its key is named `drvPath` and holds a hash: that of the
 * derivation modulo its fixed inputs (see `hashDerivationModulo`), so that derivations which differ only in where
 * something is fetched from share what was built. A path that is removed takes its realisations with it.
 *
 * `RealisationsRefs` was meant for dependencies among realisations; nothing is written to it any more.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { CopseError } from "#base";
import type { StorePath } from "#format";

const SCHEMA_SQL = `
create table if not exists Realisations (
    id integer primary key autoincrement not null,
    drvPath text not null,
    outputName text not null, -- symbolic output id, usually "out"
    outputPath integer not null,
    signatures text, -- space-separated list
    foreign key (outputPath) references ValidPaths(id) on delete cascade
);
create index if not exists IndexRealisations on Realisations(drvPath, outputName);
create trigger if not exists DeleteSelfRefsViaRealisations before delete on ValidPaths
  begin
    delete from RealisationsRefs where realisationReference in (
      select id from Realisations where outputPath = old.id
    );
  end;
create table if not exists RealisationsRefs (
    referrer integer not null,
    realisationReference integer,
    foreign key (referrer) references Realisations(id) on delete cascade,
    foreign key (realisationReference) references Realisations(id) on delete restrict
);
create index if not exists IndexRealisationsRefsRealisationReference on RealisationsRefs(realisationReference);
create index if not exists IndexRealisationsRefs on RealisationsRefs(referrer);
create index if not exists IndexRealisationsRefsOnOutputPath on Realisations(outputPath);
`;

/** As C++ Nix calls it in the table of what has been added to the schema. */
const MIGRATION = "20220326-ca-derivations";

/** Makes the tables where they are missing. Two processes may do so at the same time. */
export function addRealisationTables(db: DatabaseSync): void {
  if (db.prepare("select 1 from SchemaMigrations where migration = ?").get(MIGRATION) !== undefined) return;
  db.exec(
    `begin immediate; ${SCHEMA_SQL} insert or ignore into SchemaMigrations values ('${MIGRATION}'); commit;`,
  );
}

/** One output of a derivation, by the hash of that. */
export interface DrvOutput {
  /** `sha256:<base16>`. */
  readonly drvHash: string;
  readonly output: string;
}

const FIND = `select v.path from Realisations r join ValidPaths v on v.id = r.outputPath
  where r.drvPath = ? and r.outputName = ?`;
const ADD = `insert into Realisations (drvPath, outputName, outputPath, signatures)
  values (?, ?, (select id from ValidPaths where path = ?), '')`;

export class RealisationTable {
  readonly #db: DatabaseSync;
  #find: StatementSync | undefined;
  #add: StatementSync | undefined;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Only in a store that may not be written can the tables be missing. */
  get isThere(): boolean {
    const sql = "select 1 from sqlite_master where type = 'table' and name = 'Realisations'";
    return this.#find !== undefined || this.#db.prepare(sql).get() !== undefined;
  }

  find({ drvHash, output }: DrvOutput): StorePath | undefined {
    this.#find ??= this.#db.prepare(FIND);
    return this.#find.get(drvHash, output)?.["path"] as StorePath | undefined;
  }

  /** Of a valid path. In a transaction. Throws CopseError `realisation-conflict` where another one is known. */
  add(drvOutput: DrvOutput, path: StorePath): void {
    const { drvHash, output } = drvOutput;
    const known = this.find(drvOutput);
    if (known === path) return;
    if (known !== undefined) {
      throw new CopseError(
        "realisation-conflict",
        `Trying to register a realisation of '${drvHash}!${output}', but we already have another one locally.\n` +
          `Local:  ${known}\nRemote: ${path}`,
        {
          hint: "the build is not deterministic; `nix-store --delete` of the local one lets the other be registered",
        },
      );
    }
    this.#add ??= this.#db.prepare(ADD);
    this.#add.run(drvHash, output, path);
  }

  clear(): void {
    this.#find = undefined;
    this.#add = undefined;
  }
}
