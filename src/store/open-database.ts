/** Opening the database: making what is missing, refusing what is of another version. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { CopseError } from "#base";
import { busyError, isBusy, StoreDatabase } from "./database.ts";
import { SCHEMA_VERSION, type StorePlace } from "./place.ts";
import { SCHEMA_SQL } from "./schema.ts";

/** A writer holds the database for milliseconds; who waits a minute waits for something broken. */
const BUSY_TIMEOUT_MS = 60_000;
const RESERVED_BYTES = 8 * 1024 * 1024;

export function openDatabase(place: StorePlace): StoreDatabase {
  const directory = `${place.stateDir}/db`;
  const version = readSchemaVersion(directory);
  if (version !== undefined && version !== SCHEMA_VERSION) {
    throw new CopseError("store-schema", `Store has a database of another version: \`${version}\``, {
      hint: `copse knows version ${SCHEMA_VERSION}, that of Nix 2.0 and newer: ${directory}`,
    });
  }
  const db = new DatabaseSync(`${directory}/db.sqlite`, { timeout: BUSY_TIMEOUT_MS });
  try {
    if (version === undefined) initialise(db, directory);
    db.exec("pragma synchronous = normal");
    return new StoreDatabase(db);
  } catch (error) {
    db.close();
    throw isBusy(error) ? busyError(error) : error;
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

// Several processes may do this at the same time, so each step must bear being done twice; the file `schema`
// comes last and says that all of it is there.
function initialise(db: DatabaseSync, directory: string): void {
  enableWal(db);
  db.exec(`begin immediate; ${SCHEMA_SQL} commit;`);
  writeIfMissing(`${directory}/big-lock`, "", 0o600);
  // A full disk must not keep the garbage collector from writing: C++ Nix gives this file back first.
  writeIfMissing(`${directory}/reserved`, Buffer.alloc(RESERVED_BYTES, "X"), 0o600);
  const temporary = `${directory}/schema.${process.pid}`;
  writeFileSync(temporary, SCHEMA_VERSION);
  renameSync(temporary, `${directory}/schema`);
}

// SQLite does not apply its busy timeout to a change of the journal mode.
function enableWal(db: DatabaseSync): void {
  for (let attempt = 0; ; attempt++) {
    try {
      db.exec("pragma journal_mode = wal");
      return;
    } catch (error) {
      if (!isBusy(error) || attempt >= 200) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
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
