/**
 * Opening the database: making what is missing, refusing what is of another version.
 *
 * C++ Nix shares the lock `big-lock` as long as it has a store open, so that nobody upgrades the schema under it.
 * Here it is not taken: only schemas before version 10 are ever upgraded (later changes are additions, listed in
 * `SchemaMigrations`), and those are refused.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { DatabaseSync, type DatabaseSyncOptions } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { CopseError } from "#base";
import { SCHEMA_VERSION, type StorePlace } from "../place/store-place.ts";
import type { StoreSettings } from "../settings.ts";
import { StoreDatabase } from "./database.ts";
import { databaseError, isBusy } from "./database-error.ts";
import { addRealisationTables } from "./realisations.ts";
import { makeReserve } from "./reserve.ts";
import { SCHEMA_SQL } from "./schema.ts";

/** A writer holds the database for milliseconds; who waits a minute waits for something broken. */
const BUSY_TIMEOUT_MS = 60_000;

/** Throws CopseError `store-schema`, `store-missing`, `store-busy`. */
export function openDatabase(
  place: StorePlace,
  settings: StoreSettings,
  wrap: (db: DatabaseSync) => StoreDatabase = (db) => new StoreDatabase(db),
): StoreDatabase {
  const directory = `${place.stateDir}/db`;
  const version = readSchemaVersion(directory);
  if (version !== undefined && version !== SCHEMA_VERSION) {
    throw new CopseError("store-schema", `Store has a database of another version: \`${version}\``, {
      hint: `copse knows version ${SCHEMA_VERSION}, that of Nix 2.0 and newer: ${directory}`,
    });
  }
  if (place.readOnly) return openReadOnly(directory, version);
  const db = openFile(`${directory}/db.sqlite`, { timeout: BUSY_TIMEOUT_MS });
  try {
    setJournalMode(db, settings["use-sqlite-wal"]);
    if (version === undefined) initialise(db, directory);
    if (settings["experimental-features"].includes("ca-derivations")) addRealisationTables(db);
    makeReserve(directory, settings["gc-reserved-space"]);
    db.exec(`pragma synchronous = ${settings["fsync-metadata"] ? "normal" : "off"}`);
    return wrap(db);
  } catch (error) {
    db.close();
    throw databaseError(error);
  }
}

function readSchemaVersion(directory: string): string | undefined {
  try {
    return readFileSync(`${directory}/schema`, "latin1").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Without locks, a journal or a look at whether somebody writes: the file is what it is. */
function openReadOnly(directory: string, version: string | undefined): StoreDatabase {
  if (version === undefined) {
    throw new CopseError(
      "store-missing",
      `Store's database does not exist, and cannot be created in read-only mode: \`${directory}\``,
      { hint: "database does not exist, and cannot be created in read-only mode" },
    );
  }
  const url = pathToFileURL(`${directory}/db.sqlite`);
  url.searchParams.set("immutable", "1");
  return new StoreDatabase(openFile(url, { readOnly: true }));
}

function openFile(file: string | URL, options: DatabaseSyncOptions): DatabaseSync {
  try {
    return new DatabaseSync(file, options);
  } catch (error) {
    throw databaseError(error);
  }
}

// Several processes may do this at the same time, so each step must bear being done twice; the file `schema`
// comes last and says that all of it is there.
function initialise(db: DatabaseSync, directory: string): void {
  db.exec(`begin immediate; ${SCHEMA_SQL} commit;`);
  writeIfMissing(`${directory}/big-lock`, "", 0o600);
  const temporary = `${directory}/schema.${process.pid}`;
  writeFileSync(temporary, SCHEMA_VERSION);
  renameSync(temporary, `${directory}/schema`);
}

/**
 * The write-ahead log needs memory that all processes share, which network file systems lack. SQLite then refuses it,
 * by staying in the mode of before, and the file is worked on with a journal, which needs locks alone.
 */
function setJournalMode(db: DatabaseSync, useWal: boolean): void {
  const before = journalMode(db, "pragma journal_mode");
  const wanted = useWal ? "wal" : "truncate";
  // SQLite does not apply its busy timeout to a change of the journal mode.
  for (let attempt = 0; before !== wanted; attempt++) {
    try {
      const mode = journalMode(db, `pragma journal_mode = ${wanted}`);
      if (mode !== wanted && wanted === "wal") journalMode(db, "pragma journal_mode = truncate");
      break;
    } catch (error) {
      if (!isBusy(error) || attempt >= 200) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
  // As C++ Nix has it: enough for a large evaluation's derivations to be written with one wait for the disk.
  if (wanted === "wal") db.exec("pragma wal_autocheckpoint = 40000");
}

function journalMode(db: DatabaseSync, pragma: string): string {
  return String((db.prepare(pragma).get() as { journal_mode?: unknown }).journal_mode);
}

function writeIfMissing(path: string, contents: string | Buffer, mode: number): void {
  try {
    writeFileSync(path, contents, { flag: "wx", mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Directories of the layout that are missing are made; those that exist are left as they are. */
export function createLayout(place: StorePlace): void {
  const directories = [
    `${place.realStoreDir}/.links`,
    `${place.stateDir}/db`,
    `${place.stateDir}/gcroots/auto`,
    `${place.stateDir}/gcroots/per-user`,
    `${place.stateDir}/profiles/per-user`,
    `${place.stateDir}/temproots`,
    `${place.logDir}/drvs`,
    place.copseDir,
  ];
  for (const directory of directories) mkdirSync(directory, { recursive: true });
  writeIfMissing(`${place.stateDir}/gc.lock`, "", 0o600);
}
