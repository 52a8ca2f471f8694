/** What SQLite says, in terms that a user can act upon. Anything else is a bug and comes back as it is. */
import { CopseError } from "#base";

/** SQLite's primary result codes. */
const MEANINGS: { readonly [code: number]: readonly [code: string, message: string, hint: string] } = {
  5: ["store-busy", "Another process holds the store's database", "try again when it has ended"],
  8: [
    "store-unwritable",
    "Store's database may not be written",
    "use a store of your own: --store DIRECTORY",
  ],
  10: [
    "store-database-io",
    "Store's database could not be read or written",
    "look at the disk, or the network file system, that it is on",
  ],
  11: [
    "store-database-damaged",
    "Store's database is damaged",
    "keep a copy of it; `sqlite3 db.sqlite .recover` may save what is in it",
  ],
  13: [
    "disk-full",
    "No space left on the device, for the store's database",
    "`copse store gc` frees what is not used",
  ],
  14: [
    "store-unwritable",
    "Store's database could not be opened",
    "look at the rights on the directory that it is in",
  ],
  26: [
    "store-database-damaged",
    "Store's database is not one of SQLite",
    "keep a copy of it, and take the last backup",
  ],
};

export function databaseError(error: unknown): unknown {
  const meaning = MEANINGS[primaryCode(error)];
  if (meaning === undefined || error instanceof CopseError) return error;
  const [code, message, hint] = meaning;
  return new CopseError(code, message, { hint, cause: error });
}

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === 5;
}

// The low byte is the primary code; extended ones such as SQLITE_BUSY_SNAPSHOT stand above it.
function primaryCode(error: unknown): number {
  return ((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff;
}
